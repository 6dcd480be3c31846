"""All sending: the dispatcher claims rows, shapes the rate, and writes down what became of each."""
