"""The other side of the wire: builds, signs, sends, polls, verifies, acknowledges."""
