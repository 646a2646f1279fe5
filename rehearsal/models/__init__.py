"""The pretended OpenAI: an HTTP server that speaks, listens and answers offline.

Run as ``python -m rehearsal.models --host 127.0.0.1 --port N``. It offers the part of OpenAI's API that LiveKit's
plugins use: ``/v1/audio/speech``, ``/v1/audio/transcriptions``, ``/v1/chat/completions`` and ``/v1/models``.
"""
