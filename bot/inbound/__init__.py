"""From an inbox row to a committed turn: who wrote, what they meant, what is said."""
