import ru.gov.smev.artefacts.x.services.message_exchange._1.SMEVMessageExchangePortType;
import ru.gov.smev.artefacts.x.services.message_exchange.types._1.GetIncomingQueueStatisticsRequest;

/** What only contract 1.1 has. */
final class Statistics {
    private Statistics() {
    }

    static void tell(SMEVMessageExchangePortType port) throws Exception {
        GetIncomingQueueStatisticsRequest request = new GetIncomingQueueStatisticsRequest();
        request.setTimestamp(Peer.timestamp());
        request.setCallerInformationSystemSignature(Peer.signature());
        int queues = port.getIncomingQueueStatistics(request).getQueueStatistics().size();
        Peer.tell("GetIncomingQueueStatistics", "found", String.valueOf(queues));
    }
}
