import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import java.util.function.Function;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.datatype.XMLGregorianCalendar;
import javax.xml.namespace.QName;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.soap.MessageFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.handler.Handler;
import javax.xml.ws.handler.MessageContext;
import javax.xml.ws.handler.soap.SOAPHandler;
import javax.xml.ws.handler.soap.SOAPMessageContext;
import javax.xml.ws.soap.MTOMFeature;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import ru.gov.smev.artefacts.x.services.message_exchange._1.SMEVMessageExchangePortType;
import ru.gov.smev.artefacts.x.services.message_exchange._1.SMEVMessageExchangeService;
import ru.gov.smev.artefacts.x.services.message_exchange.types._1.AckRequest;
import ru.gov.smev.artefacts.x.services.message_exchange.types._1.GetRequestRequest;
import ru.gov.smev.artefacts.x.services.message_exchange.types._1.GetResponseRequest;
import ru.gov.smev.artefacts.x.services.message_exchange.types._1.GetStatusRequest;
import ru.gov.smev.artefacts.x.services.message_exchange.types._1.Request;
import ru.gov.smev.artefacts.x.services.message_exchange.types._1.Response;
import ru.gov.smev.artefacts.x.services.message_exchange.types._1.SendRequestRequest;
import ru.gov.smev.artefacts.x.services.message_exchange.types._1.SendResponseRequest;
import ru.gov.smev.artefacts.x.services.message_exchange.types._1.SenderProvidedRequestData;
import ru.gov.smev.artefacts.x.services.message_exchange.types._1.SenderProvidedResponseData;
import ru.gov.smev.artefacts.x.services.message_exchange.types.basic._1.AckTargetMessage;
import ru.gov.smev.artefacts.x.services.message_exchange.types.basic._1.MessagePrimaryContent;
import ru.gov.smev.artefacts.x.services.message_exchange.types.basic._1.MessageTypeSelector;
import ru.gov.smev.artefacts.x.services.message_exchange.types.basic._1.Timestamp;
import ru.gov.smev.artefacts.x.services.message_exchange.types.basic._1.XMLDSigSignatureType;

/** JAX-WS: what the peers do (README.md), with what wsimport has made of the WSDL alone. A handler has each envelope signed. */
public final class Peer {
    private static final Properties PLAN = new Properties();

    private Peer() {
    }

    /** Hands every envelope that goes out to the plan's command for signing. */
    private record Signing(List<String> command) implements SOAPHandler<SOAPMessageContext> {
        @Override
        public boolean handleMessage(SOAPMessageContext context) {
            if (Boolean.TRUE.equals(context.get(MessageContext.MESSAGE_OUTBOUND_PROPERTY))) {
                try {
                    ByteArrayOutputStream written = new ByteArrayOutputStream();
                    context.getMessage().writeTo(written);
                    ByteArrayInputStream signed = new ByteArrayInputStream(sign(command, written.toByteArray()));
                    context.setMessage(MessageFactory.newInstance().createMessage(null, signed));
                } catch (Exception error) {
                    throw new IllegalStateException(error);
                }
            }
            return true;
        }

        @Override
        public boolean handleFault(SOAPMessageContext context) {
            return true;
        }

        @Override
        public void close(MessageContext context) {
        }

        @Override
        public Set<QName> getHeaders() {
            return Set.of();
        }
    }

    /** The envelope as the plan's command has signed it. */
    static byte[] sign(List<String> command, byte[] envelope) throws Exception {
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        process.getOutputStream().write(envelope);
        process.getOutputStream().close();
        byte[] signed = process.getInputStream().readAllBytes();
        if (process.waitFor() != 0) {
            throw new IllegalStateException("not signed");
        }
        return signed;
    }

    static SMEVMessageExchangePortType client(String system) throws Exception {
        URL wsdl = new URL(PLAN.getProperty("wsdl"));
        // The WSDL's policy offers MTOM. What a handler has touched travels without it, attachments by themselves.
        MTOMFeature plain = new MTOMFeature(false);
        SMEVMessageExchangePortType port = new SMEVMessageExchangeService(wsdl).getSMEVMessageExchangeEndpoint(plain);
        List<Handler> handlers = List.of(new Signing(List.of(PLAN.getProperty(system).split("\t"))));
        ((BindingProvider) port).getBinding().setHandlerChain(handlers);
        return port;
    }

    static void tell(String step, String... values) {
        StringBuilder line = new StringBuilder("{\"step\": " + quoted(step));
        for (int place = 0; place < values.length; place += 2) {
            line.append(", ").append(quoted(values[place])).append(": ").append(quoted(values[place + 1]));
        }
        System.out.println(line.append('}'));
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char one : text.toCharArray()) {
            quoted.append(one < ' ' || one == '"' || one == '\\' ? String.format("\\u%04x", (int) one) : String.valueOf(one));
        }
        return quoted.append('"').toString();
    }

    /** A call that the node must refuse: the exception's class, and Code and Description of its typed detail. */
    static void refused(String step, Callable<?> call) throws Exception {
        try {
            call.call();
            tell(step, "fault", "none");
        } catch (Exception error) {
            Object detail = error.getClass().getMethod("getFaultInfo").invoke(error);
            String name = error.getClass().getSimpleName().replaceAll("Exception$", "");
            tell(step, "fault", name, "code", of(detail, "getCode"), "text", of(detail, "getDescription"));
        }
    }

    private static String of(Object detail, String getter) throws Exception {
        return String.valueOf(detail.getClass().getMethod(getter).invoke(detail));
    }

    /** What is in a queue, as soon as there is something. */
    static <T> T waited(Callable<T> call) throws Exception {
        for (int turn = 0; turn < 100; turn++) {
            T found = call.call();
            if (found != null) {
                return found;
            }
            Thread.sleep(200);
        }
        throw new IllegalStateException("nothing came");
    }

    static Element element(String xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml))).getDocumentElement();
    }

    private static MessagePrimaryContent content(String xml) throws Exception {
        MessagePrimaryContent content = new MessagePrimaryContent();
        content.setAny(element(xml));
        return content;
    }

    private static String text(MessagePrimaryContent content) throws Exception {
        Transformer transformer = TransformerFactory.newInstance().newTransformer();
        transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
        StringWriter writer = new StringWriter();
        transformer.transform(new DOMSource((Node) content.getAny()), new StreamResult(writer));
        return writer.toString();
    }

    static XMLGregorianCalendar moment() throws Exception {
        return DatatypeFactory.newInstance().newXMLGregorianCalendar(new GregorianCalendar(TimeZone.getTimeZone("UTC")));
    }

    static Timestamp timestamp() throws Exception {
        Timestamp timestamp = new Timestamp();
        timestamp.setValue(moment());
        timestamp.setId("NOW");
        return timestamp;
    }

    /** An empty signature where one must stand: it is there to be replaced. */
    static XMLDSigSignatureType signature() throws Exception {
        XMLDSigSignatureType signature = new XMLDSigSignatureType();
        signature.setAny(element("<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>"));
        return signature;
    }

    static MessageTypeSelector anything() throws Exception {
        MessageTypeSelector selector = new MessageTypeSelector();
        selector.setTimestamp(moment());
        return selector;
    }

    static SendRequestRequest request(String id, String xml) throws Exception {
        SenderProvidedRequestData data = new SenderProvidedRequestData();
        data.setMessageID(id);
        data.setMessagePrimaryContent(content(xml));
        SendRequestRequest request = new SendRequestRequest();
        request.setSenderProvidedRequestData(data);
        return request;
    }

    private static SendResponseRequest response(String id, String to, String xml) throws Exception {
        SenderProvidedResponseData data = new SenderProvidedResponseData();
        data.setMessageID(id);
        data.setTo(to);
        data.setMessagePrimaryContent(content(xml));
        SendResponseRequest response = new SendResponseRequest();
        response.setSenderProvidedResponseData(data);
        return response;
    }

    static AckRequest ack(String id) {
        AckTargetMessage target = new AckTargetMessage();
        target.setValue(id);
        target.setId("ACK");
        target.setAccepted(true);
        AckRequest ack = new AckRequest();
        ack.setAckTargetMessage(target);
        return ack;
    }

    private static Request asked(SMEVMessageExchangePortType provider) throws Exception {
        GetRequestRequest poll = new GetRequestRequest();
        poll.setMessageTypeSelector(anything());
        var found = provider.getRequest(poll).getRequestMessage();
        return found == null ? null : found.getRequest();
    }

    private static Response answered(SMEVMessageExchangePortType consumer) throws Exception {
        GetResponseRequest poll = new GetResponseRequest();
        poll.setMessageTypeSelector(anything());
        var found = consumer.getResponse(poll).getResponseMessage();
        return found == null ? null : found.getResponse();
    }

    public static void main(String[] arguments) throws Exception {
        PLAN.load(Files.newBufferedReader(Path.of(arguments[0]), StandardCharsets.UTF_8));
        Function<String, String> plan = PLAN::getProperty;
        SMEVMessageExchangePortType consumer = client("consumer");
        SMEVMessageExchangePortType provider = client("provider");

        SendRequestRequest request = request(plan.apply("id0"), plan.apply("request"));
        var accepted = consumer.sendRequest(request).getMessageMetadata();
        tell("SendRequest", "status", accepted.getStatus().value(), "message_id", accepted.getMessageId());
        refused("again", () -> consumer.sendRequest(request));
        SendRequestRequest foreign = request(plan.apply("id1"), "<n:Nothing xmlns:n='urn:nothing'/>");
        refused("unknown kind", () -> consumer.sendRequest(foreign));

        Request got = waited(() -> asked(provider));
        SenderProvidedRequestData asked = got.getSenderProvidedRequestData();
        tell("GetRequest", "message_id", asked.getMessageID(), "content", text(asked.getMessagePrimaryContent()));
        SendResponseRequest madeUp = response(plan.apply("id2"), "nowhere", plan.apply("response"));
        refused("to nobody", () -> provider.sendResponse(madeUp));
        SendResponseRequest answer = response(plan.apply("id3"), got.getReplyTo(), plan.apply("response"));
        tell("SendResponse", "status", provider.sendResponse(answer).getMessageMetadata().getStatus().value());
        provider.ack(ack(asked.getMessageID()));
        tell("Ack of the request");

        Response back = waited(() -> answered(consumer));
        SenderProvidedResponseData data = back.getSenderProvidedResponseData();
        tell("GetResponse", "original", back.getOriginalMessageId(), "content", text(data.getMessagePrimaryContent()));
        consumer.ack(ack(data.getMessageID()));
        tell("Ack of the response");
        refused("Ack again", () -> consumer.ack(ack(data.getMessageID())));
        GetStatusRequest status = new GetStatusRequest();
        status.setTimestamp(timestamp());
        status.setCallerInformationSystemSignature(signature());
        tell("GetStatus", "notice", String.valueOf(consumer.getStatus(status).getSmevAsyncProcessingMessage()));
        Statistics.tell(consumer);
        Attachments.play(PLAN);
    }
}
