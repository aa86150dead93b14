"""The ASGI application: SOAP endpoints, WSDL and schemas, health."""
