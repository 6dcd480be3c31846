"""Channels translate between a platform's wire format and the domain's messages, and do nothing else."""
