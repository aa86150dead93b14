"""Transform, XML-DSig, certificates, trust and crypto providers. Knows nothing of SOAP, queues or registers."""
