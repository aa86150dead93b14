import ru.gov.smev.artefacts.x.services.message_exchange._1.SMEVMessageExchangePortType;

/** Contract 1.3 has no statistics. */
final class Statistics {
    private Statistics() {
    }

    static void tell(SMEVMessageExchangePortType port) {
    }
}
