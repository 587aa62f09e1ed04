"""What the server does beside serving pages: warming up, looking after its memory and its limits."""
