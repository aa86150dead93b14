import java.io.FileInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.AlgorithmParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.xml.security.Init;
import org.apache.xml.security.algorithms.JCEMapper;
import org.apache.xml.security.algorithms.SignatureAlgorithm;
import org.apache.xml.security.algorithms.SignatureAlgorithmSpi;
import org.apache.xml.security.signature.XMLSignature;
import org.apache.xml.security.signature.XMLSignatureException;
import org.apache.xml.security.signature.XMLSignatureInput;
import org.apache.xml.security.transforms.Transform;
import org.apache.xml.security.transforms.TransformSpi;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * Apache Santuario's opinion of a signature: prints `valid` or `invalid`.
 *
 * Arguments: the signed document, what the SMEV transform makes of its signed element, the certificate. Santuario knows
 * no such transform, so its octets are given; references, digest, the canonical SignedInfo and the signature are its own.
 */
public final class Opinion {
    private static final String TRANSFORM = "urn://smev-gov-ru/xmldsig/transform";
    private static final String GOST = "urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34102012-gostr34112012-512";
    private static final String STREEBOG = "urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34112012-512";
    private static byte[] octets;

    private Opinion() {
    }

    /** What the transform makes of the signed element. */
    public static final class Given extends TransformSpi {
        @Override
        protected String engineGetURI() {
            return TRANSFORM;
        }

        @Override
        protected XMLSignatureInput enginePerformTransform(XMLSignatureInput input, OutputStream stream, Transform transform) {
            if (stream == null) {
                return new XMLSignatureInput(octets);
            }
            try {
                stream.write(octets);
            } catch (java.io.IOException error) {
                throw new IllegalStateException(error);
            }
            XMLSignatureInput written = new XMLSignatureInput((byte[]) null);
            written.setOutputStream(stream);
            return written;
        }
    }

    /** GOST R 34.10-2012 with 512 bits, by BouncyCastle. */
    public static final class Gost extends SignatureAlgorithmSpi {
        private final Signature signature;

        public Gost() throws Exception {
            signature = Signature.getInstance("GOST3411-2012-512WITHECGOST3410-2012-512", "BC");
        }

        @Override
        protected String engineGetURI() {
            return GOST;
        }

        @Override
        protected String engineGetJCEAlgorithmString() {
            return signature.getAlgorithm();
        }

        @Override
        protected String engineGetJCEProviderName() {
            return "BC";
        }

        @Override
        protected void engineInitVerify(Key key) throws XMLSignatureException {
            attempt(() -> signature.initVerify((PublicKey) key));
        }

        @Override
        protected void engineUpdate(byte[] input) throws XMLSignatureException {
            attempt(() -> signature.update(input));
        }

        @Override
        protected void engineUpdate(byte input) throws XMLSignatureException {
            attempt(() -> signature.update(input));
        }

        @Override
        protected void engineUpdate(byte[] buffer, int offset, int length) throws XMLSignatureException {
            attempt(() -> signature.update(buffer, offset, length));
        }

        @Override
        protected boolean engineVerify(byte[] value) throws XMLSignatureException {
            try {
                return signature.verify(value);
            } catch (Exception error) {
                throw new XMLSignatureException(error);
            }
        }

        @Override
        protected void engineInitSign(Key key) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void engineInitSign(Key key, SecureRandom random) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void engineInitSign(Key key, AlgorithmParameterSpec parameters) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected byte[] engineSign() {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void engineSetHMACOutputLength(int length) {
        }

        @Override
        protected void engineSetParameter(AlgorithmParameterSpec parameters) {
        }

        private interface Attempt {
            void make() throws Exception;
        }

        private static void attempt(Attempt attempt) throws XMLSignatureException {
            try {
                attempt.make();
            } catch (Exception error) {
                throw new XMLSignatureException(error);
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        Init.init();
        Transform.register(TRANSFORM, Given.class);
        JCEMapper.register(STREEBOG, new JCEMapper.Algorithm("", "GOST3411-2012-512", "MessageDigest"));
        SignatureAlgorithm.register(GOST, Gost.class);
        octets = Files.readAllBytes(Path.of(arguments[1]));
        X509Certificate certificate;
        try (InputStream file = new FileInputStream(arguments[2])) {
            certificate = (X509Certificate) CertificateFactory.getInstance("X.509", "BC").generateCertificate(file);
        }
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        Document document = factory.newDocumentBuilder().parse(arguments[0]);
        Element signed = (Element) document.getDocumentElement().getElementsByTagNameNS("urn:opinion", "signed").item(0);
        signed.setIdAttribute("Id", true);
        String space = "http://www.w3.org/2000/09/xmldsig#";
        Element element = (Element) document.getElementsByTagNameNS(space, "Signature").item(0);
        XMLSignature signature = new XMLSignature(element, "");
        System.out.println(signature.checkSignatureValue(certificate.getPublicKey()) ? "valid" : "invalid");
    }
}
