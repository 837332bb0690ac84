"""The steps of in silico labeling, one public function each."""
