"""Where doors dial in: pairing, the inbox of what they tell, the streams of what they are told, and the cells between them."""
