"""What the server does beside serving pages."""
