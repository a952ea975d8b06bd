"""How networks compute on this machine: blocks in less memory, convolutions by oneDNN, the memory they take."""
