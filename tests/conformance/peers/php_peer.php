<?php
// PHP's SoapClient: what the peers do (README.md), by a client that knows nothing but the WSDL. Its hook __doRequest has
// each envelope signed.

declare(strict_types=1);

final class SigningClient extends SoapClient
{
    /** @param list<string> $sign command that signs what it reads */
    public function __construct(string $wsdl, private readonly array $sign)
    {
        parent::__construct($wsdl, ['cache_wsdl' => WSDL_CACHE_NONE, 'exceptions' => true]);
    }

    public function __doRequest(
        string $request,
        string $location,
        string $action,
        int $version,
        bool $oneWay = false,
    ): ?string {
        $process = proc_open($this->sign, [['pipe', 'r'], ['pipe', 'w'], STDERR], $pipes);
        fwrite($pipes[0], $request);
        fclose($pipes[0]);
        $signed = stream_get_contents($pipes[1]);
        if (proc_close($process) !== 0) {
            throw new RuntimeException('not signed');
        }
        return parent::__doRequest($signed, $location, $action, $version, $oneWay);
    }
}

function tell(string $step, array $values = []): void
{
    echo json_encode(['step' => $step] + $values, JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR), "\n";
}

/** A call that the node must refuse: the name of the typed detail, its Code and Description. */
function refused(string $step, callable $call): void
{
    try {
        $call();
        tell($step, ['fault' => null]);
    } catch (SoapFault $fault) {
        foreach (get_object_vars($fault->detail) as $name => $detail) {
            // What is of a derived type comes wrapped.
            $detail = $detail instanceof SoapVar ? $detail->enc_value : $detail;
            tell($step, ['fault' => $name, 'code' => $detail->Code, 'text' => $detail->Description]);
        }
    }
}

/** What is in a queue, as soon as there is something. */
function waited(callable $call, string $member): object
{
    for ($turn = 0; $turn < 100; $turn++) {
        $found = $call();
        if (isset($found->$member)) {
            return $found->$member;
        }
        usleep(200_000);
    }
    throw new RuntimeException('nothing came');
}

function content(string $xml): array
{
    return ['any' => $xml];
}

function moment(): string
{
    return gmdate('Y-m-d\TH:i:s\Z');
}

/** What the operations are given that ask for nothing but the moment; the empty signature is there to be replaced. */
function timed(): array
{
    return [
        'Timestamp' => ['_' => moment(), 'Id' => 'NOW'],
        'CallerInformationSystemSignature' => ['any' => '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'],
    ];
}

$plan = json_decode(file_get_contents($argv[1]), false, 16, JSON_THROW_ON_ERROR);
$consumer = new SigningClient($plan->wsdl, $plan->consumer->sign);
$provider = new SigningClient($plan->wsdl, $plan->provider->sign);

$request = ['MessageID' => $plan->ids[0], 'MessagePrimaryContent' => content($plan->request)];
$accepted = $consumer->SendRequest(['SenderProvidedRequestData' => $request])->MessageMetadata;
tell('SendRequest', ['status' => $accepted->Status, 'message_id' => $accepted->MessageId]);
refused('again', fn() => $consumer->SendRequest(['SenderProvidedRequestData' => $request]));
$foreign = ['MessageID' => $plan->ids[1], 'MessagePrimaryContent' => content("<n:Nothing xmlns:n='urn:nothing'/>")];
refused('unknown kind', fn() => $consumer->SendRequest(['SenderProvidedRequestData' => $foreign]));

$poll = fn() => ['MessageTypeSelector' => ['Timestamp' => moment()]];
$got = waited(fn() => $provider->GetRequest($poll()), 'RequestMessage')->Request;
$asked = $got->SenderProvidedRequestData;
tell('GetRequest', ['message_id' => $asked->MessageID, 'content' => $asked->MessagePrimaryContent->any]);
$answer = ['To' => $got->ReplyTo, 'MessagePrimaryContent' => content($plan->response)];
$madeUp = ['MessageID' => $plan->ids[2], 'To' => 'nowhere'] + $answer;
refused('to nobody', fn() => $provider->SendResponse(['SenderProvidedResponseData' => $madeUp]));
$sent = $provider->SendResponse(['SenderProvidedResponseData' => ['MessageID' => $plan->ids[3]] + $answer]);
tell('SendResponse', ['status' => $sent->MessageMetadata->Status]);
$ack = fn(string $id) => ['AckTargetMessage' => ['_' => $id, 'accepted' => true, 'Id' => 'ACK']];
$provider->Ack($ack($asked->MessageID));
tell('Ack of the request');

$back = waited(fn() => $consumer->GetResponse($poll()), 'ResponseMessage')->Response;
$data = $back->SenderProvidedResponseData;
tell('GetResponse', ['original' => $back->OriginalMessageId, 'content' => $data->MessagePrimaryContent->any]);
$consumer->Ack($ack($data->MessageID));
tell('Ack of the response');
refused('Ack again', fn() => $consumer->Ack($ack($data->MessageID)));
$status = $consumer->GetStatus(timed());
tell('GetStatus', ['empty' => get_object_vars($status) === []]);
if ($plan->statistics) {
    $found = $consumer->GetIncomingQueueStatistics(timed());
    tell('GetIncomingQueueStatistics', ['found' => json_encode($found)]);
}
