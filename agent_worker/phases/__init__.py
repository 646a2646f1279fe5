"""The halves of a conversation. Each is an agent of its own, with the prompt and the tools that its half may have."""
