"""The replay engine. A flow is a plain async function of a `Dialog`; see docs for how to write one."""

from bot.dialog.answers import Answer, Invalid
from bot.dialog.dialog import Dialog, Flow, Go

__all__ = ["Answer", "Dialog", "Flow", "Go", "Invalid"]
