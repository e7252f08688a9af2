"""Ways in for people and programs. Each builds a Pipeline and translates; none knows another."""
