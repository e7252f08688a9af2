"""From a question to ranked passages, each with the reasons why it was found."""
