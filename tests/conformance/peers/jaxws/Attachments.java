import java.io.StringWriter;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import javax.activation.DataHandler;
import javax.activation.FileDataSource;
import javax.xml.bind.JAXBContext;
import javax.xml.bind.Marshaller;
import javax.xml.ws.soap.MTOMFeature;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import ru.gov.smev.artefacts.x.services.message_exchange._1.SMEVMessageExchangePortType;
import ru.gov.smev.artefacts.x.services.message_exchange._1.SMEVMessageExchangeService;
import ru.gov.smev.artefacts.x.services.message_exchange.types._1.AckRequest;
import ru.gov.smev.artefacts.x.services.message_exchange.types._1.GetRequestRequest;
import ru.gov.smev.artefacts.x.services.message_exchange.types._1.SendRequestRequest;
import ru.gov.smev.artefacts.x.services.message_exchange.types.basic._1.AttachmentContentList;
import ru.gov.smev.artefacts.x.services.message_exchange.types.basic._1.AttachmentContentType;
import ru.gov.smev.artefacts.x.services.message_exchange.types.basic._1.AttachmentHeaderList;
import ru.gov.smev.artefacts.x.services.message_exchange.types.basic._1.AttachmentHeaderType;

/**
 * A file there and back by MTOM. Here nothing may touch an envelope on its way out, or its octets would not travel as
 * parts: so each call is signed as a document of its own before, and JAX-WS writes what comes of that. It moves SignaturePKCS7
 * into a part too, although it lies inside what is signed.
 */
final class Attachments {
    private static final String SOAP = "http://schemas.xmlsoap.org/soap/envelope/";

    private Attachments() {
    }

    static void play(Properties plan) throws Exception {
        byte[] file = Files.readAllBytes(Path.of(plan.getProperty("file")));
        byte[] signature = Files.readAllBytes(Path.of(plan.getProperty("file_signature")));
        SMEVMessageExchangePortType port = port(plan);

        SendRequestRequest request = Peer.request(plan.getProperty("id4"), plan.getProperty("request"));
        AttachmentHeaderType header = new AttachmentHeaderType();
        header.setContentId("file");
        header.setMimeType("application/octet-stream");
        header.setSignaturePKCS7(signature);
        AttachmentHeaderList headers = new AttachmentHeaderList();
        headers.getAttachmentHeader().add(header);
        request.getSenderProvidedRequestData().setAttachmentHeaderList(headers);
        AttachmentContentType content = new AttachmentContentType();
        content.setId("file");
        content.setContent(new DataHandler(new FileDataSource(plan.getProperty("file"))));
        AttachmentContentList contents = new AttachmentContentList();
        contents.getAttachmentContent().add(content);
        request.setAttachmentContentList(contents);
        var accepted = port.sendRequest(signed(request, plan.getProperty("consumer"))).getMessageMetadata();
        Peer.tell("SendRequest by MTOM", "status", accepted.getStatus().value());

        var got = Peer.waited(() -> {
            GetRequestRequest poll = new GetRequestRequest();
            poll.setMessageTypeSelector(Peer.anything());
            return port.getRequest(signed(poll, plan.getProperty("provider"))).getRequestMessage();
        });
        byte[] back = got.getAttachmentContentList().getAttachmentContent().get(0).getContent()
            .getInputStream().readAllBytes();
        var kept = got.getRequest().getSenderProvidedRequestData().getAttachmentHeaderList().getAttachmentHeader().get(0);
        boolean same = java.util.Arrays.equals(file, back) && java.util.Arrays.equals(signature, kept.getSignaturePKCS7());
        Peer.tell("GetRequest by MTOM", "same", String.valueOf(same), "octets", String.valueOf(back.length));
        AckRequest ack = Peer.ack(got.getRequest().getSenderProvidedRequestData().getMessageID());
        port.ack(signed(ack, plan.getProperty("provider")));
    }

    private static SMEVMessageExchangePortType port(Properties plan) throws Exception {
        URL wsdl = new URL(plan.getProperty("wsdl"));
        return new SMEVMessageExchangeService(wsdl).getSMEVMessageExchangeEndpoint(new MTOMFeature(true, 0));
    }

    /** The call as it is after its envelope was signed by the plan's command. */
    private static <T> T signed(T call, String command) throws Exception {
        JAXBContext context = JAXBContext.newInstance(call.getClass());
        Marshaller marshaller = context.createMarshaller();
        marshaller.setProperty(Marshaller.JAXB_FRAGMENT, true);
        StringWriter written = new StringWriter();
        marshaller.marshal(call, written);
        String envelope = "<S:Envelope xmlns:S=\"" + SOAP + "\"><S:Body>" + written + "</S:Body></S:Envelope>";
        byte[] octets = Peer.sign(List.of(command.split("\t")), envelope.getBytes(StandardCharsets.UTF_8));
        Element root = Peer.element(new String(octets, StandardCharsets.UTF_8));
        Node operation = root.getElementsByTagNameNS(SOAP, "Body").item(0).getFirstChild();
        @SuppressWarnings("unchecked")
        T signed = (T) context.createUnmarshaller().unmarshal(operation);
        return signed;
    }
}
