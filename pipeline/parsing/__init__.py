"""From untrusted bytes to page texts. sandbox.py and zygote.py run in the coordinator, all else in the locked child."""
