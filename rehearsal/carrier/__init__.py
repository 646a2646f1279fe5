"""A telephone network that speaks Twilio's REST, webhooks and Media Streams. Run as `python -m
rehearsal.carrier`."""
