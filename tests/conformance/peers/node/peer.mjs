// node's soap: what the peers do (README.md), by a client that knows nothing but the WSDL. The hook postProcess of each
// call has its envelope signed.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import soap from 'soap';

const plan = JSON.parse(readFileSync(process.argv[2], 'utf-8'));

function tell(step, values = {}) {
  console.log(JSON.stringify({ step, ...values }));
}

async function clientOf(system) {
  const [command, ...rest] = system.sign;
  const postProcess = (xml) => execFileSync(command, rest, { input: xml, encoding: 'utf-8' });
  // Moments go out as text: the library writes a Date with the date's local zone.
  const client = await soap.createClientAsync(plan.wsdl, { disableCache: true, parseReponseAttachments: true });
  return async (operation, values, more = {}) => {
    const [answer] = await client[`${operation}Async`](values, { postProcess, ...more });
    return { ...answer, attachments: client.lastResponseAttachments };
  };
}

// A call that the node must refuse: the name of the typed detail, its Code and Description.
async function refused(step, call) {
  try {
    await call();
    tell(step, { fault: null });
  } catch (error) {
    const [[name, detail]] = Object.entries(error.root.Envelope.Body.Fault.detail);
    tell(step, { fault: name, code: detail.Code, text: detail.Description });
  }
}

// What is in a queue, as soon as there is something.
async function waited(call, member) {
  for (let turn = 0; turn < 100; turn += 1) {
    const found = await call();
    if (found[member]) {
      return found[member];
    }
    await pause(200);
  }
  throw new Error('nothing came');
}

const content = (xml) => ({ $xml: xml });
const moment = () => new Date().toISOString();
const value = (text, attributes) => ({ $value: text, attributes });
const poll = () => ({ MessageTypeSelector: { Timestamp: moment() } });
const ack = (id) => ({ AckTargetMessage: value(id, { accepted: true, Id: 'ACK' }) });
// What the operations are given that ask for nothing but the moment; the empty signature is there to be replaced.
const timed = () => ({
  Timestamp: value(moment(), { Id: 'NOW' }),
  CallerInformationSystemSignature: content('<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'),
});

const consumer = await clientOf(plan.consumer);
const provider = await clientOf(plan.provider);

const request = { MessageID: plan.ids[0], MessagePrimaryContent: content(plan.request) };
const accepted = (await consumer('SendRequest', { SenderProvidedRequestData: request })).MessageMetadata;
tell('SendRequest', { status: accepted.Status, message_id: accepted.MessageId });
await refused('again', () => consumer('SendRequest', { SenderProvidedRequestData: request }));
const foreign = { MessageID: plan.ids[1], MessagePrimaryContent: content("<n:Nothing xmlns:n='urn:nothing'/>") };
await refused('unknown kind', () => consumer('SendRequest', { SenderProvidedRequestData: foreign }));

const got = (await waited(() => provider('GetRequest', poll()), 'RequestMessage')).Request;
const asked = got.SenderProvidedRequestData;
tell('GetRequest', { message_id: asked.MessageID, content: JSON.stringify(asked.MessagePrimaryContent) });
const answer = { To: got.ReplyTo, MessagePrimaryContent: content(plan.response) };
const madeUp = { MessageID: plan.ids[2], ...answer, To: 'nowhere' };
await refused('to nobody', () => provider('SendResponse', { SenderProvidedResponseData: madeUp }));
const sent = await provider('SendResponse', { SenderProvidedResponseData: { MessageID: plan.ids[3], ...answer } });
tell('SendResponse', { status: sent.MessageMetadata.Status });
await provider('Ack', ack(asked.MessageID));
tell('Ack of the request');

const back = (await waited(() => consumer('GetResponse', poll()), 'ResponseMessage')).Response;
const data = back.SenderProvidedResponseData;
tell('GetResponse', { original: back.OriginalMessageId, content: JSON.stringify(data.MessagePrimaryContent) });
await consumer('Ack', ack(data.MessageID));
tell('Ack of the response');
await refused('Ack again', () => consumer('Ack', ack(data.MessageID)));
const status = await consumer('GetStatus', timed());
tell('GetStatus', { empty: Object.keys(status).every((name) => name === 'attachments') });
if (plan.statistics) {
  tell('GetIncomingQueueStatistics', { found: JSON.stringify(await consumer('GetIncomingQueueStatistics', timed())) });
}

// A file there and back by MTOM: the library writes parts beside the envelope, which includes them where we say so.
const file = readFileSync(plan.file);
const header = { contentId: 'file', MimeType: 'application/octet-stream' };
header.SignaturePKCS7 = readFileSync(plan.file_signature).toString('base64');
const include = '<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:file@peer"/>';
const withFile = {
  SenderProvidedRequestData: {
    MessageID: plan.ids[4],
    MessagePrimaryContent: content(plan.request),
    AttachmentHeaderList: { AttachmentHeader: header },
  },
  AttachmentContentList: { AttachmentContent: { Id: 'file', Content: content(include) } },
};
const part = { mimetype: 'application/octet-stream', contentId: 'file@peer', name: 'file', body: file };
const taken = await consumer('SendRequest', withFile, { forceMTOM: true, attachments: [part] });
tell('SendRequest by MTOM', { status: taken.MessageMetadata.Status });
let found = {};
const again = async () => {
  found = await provider('GetRequest', poll(), { forceMTOM: true });
  return found;
};
const message = await waited(again, 'RequestMessage');
const [received] = found.attachments.parts;
tell('GetRequest by MTOM', { same: String(file.equals(Buffer.from(received.body))), octets: received.body.length });
await provider('Ack', ack(message.Request.SenderProvidedRequestData.MessageID));
