"""The help: pages, keys and glossary from texts in the assets, as HTML for the browser and as a PDF to print."""
