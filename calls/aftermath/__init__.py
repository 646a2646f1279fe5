"""After a call: what was disclosed and when, whether rules were kept, a summary; and staff's corrections of it."""
