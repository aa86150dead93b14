// gSOAP: what the peers do (README.md), with what wsdl2h and soapcpp2 have made of the WSDL alone. The callbacks fsend and
// frecv have each envelope signed: what is sent is gathered, and goes out signed when the answer is asked for.

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unistd.h>

#include "SMEVMessageExchangeSoap11Binding.nsmap"
#include "soapSMEVMessageExchangeSoap11BindingProxy.h"

using Plan = std::map<std::string, std::string>;
using Proxy = SMEVMessageExchangeSoap11BindingProxy;

namespace {

struct Signing {
    std::string command;
    std::string gathered;
    int (*send)(struct soap *, const char *, size_t);
    size_t (*receive)(struct soap *, char *, size_t);
};

// The words of a command stand between tabs in the plan; each goes to the shell in quotes.
std::string shell(const std::string &words) {
    std::string line = "'";
    for (char one : words) {
        line += one == '\t' ? "' '" : one == '\'' ? "'\\''" : std::string(1, one);
    }
    return line + "'";
}

std::string signed_by(const std::string &command, const std::string &envelope) {
    char name[] = "/tmp/peer-XXXXXX";
    int file = mkstemp(name);
    if (file < 0 || write(file, envelope.data(), envelope.size()) != static_cast<ssize_t>(envelope.size())) {
        throw std::runtime_error("no file for the envelope");
    }
    close(file);
    FILE *pipe = popen((command + " < " + name).c_str(), "r");
    std::string made;
    char part[4096];
    for (size_t number; (number = fread(part, 1, sizeof part, pipe)) > 0;) {
        made.append(part, number);
    }
    int status = pclose(pipe);
    unlink(name);
    if (status != 0) {
        throw std::runtime_error("not signed");
    }
    return made;
}

int gather(struct soap *soap, const char *octets, size_t number) {
    static_cast<Signing *>(soap->user)->gathered.append(octets, number);
    return SOAP_OK;
}

size_t sign_then_receive(struct soap *soap, char *octets, size_t room) {
    Signing &signing = *static_cast<Signing *>(soap->user);
    if (!signing.gathered.empty()) {
        const size_t end = signing.gathered.find("\r\n\r\n");
        const std::string body = signed_by(signing.command, signing.gathered.substr(end + 4));
        std::istringstream head(signing.gathered.substr(0, end));
        std::string request, line;
        while (std::getline(head, line)) {
            if (line.rfind("Content-Length:", 0) != 0) {
                request += line.substr(0, line.find('\r')) + "\r\n";
            }
        }
        request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        signing.gathered.clear();
        if (signing.send(soap, request.data(), request.size()) != SOAP_OK) {
            return 0;
        }
    }
    return signing.receive(soap, octets, room);
}

std::string quoted(const std::string &text) {
    std::string made = "\"";
    for (char one : text) {
        if (one == '"' || one == '\\') {
            made += '\\';
        }
        made += one == '\n' || one == '\t' || one == '\r' ? ' ' : one;
    }
    return made + '"';
}

void tell(const std::string &step, const std::map<std::string, std::string> &values = {}) {
    std::cout << "{\"step\": " << quoted(step);
    for (const auto &[name, value] : values) {
        std::cout << ", " << quoted(name) << ": " << quoted(value);
    }
    std::cout << "}" << std::endl;
}

struct Client {
    Signing signing;
    Proxy proxy;

    Client(const Plan &plan, const std::string &system)
        : signing{shell(plan.at(system)), "", nullptr, nullptr}, proxy(SOAP_C_UTFSTRING | SOAP_XML_NOTYPE) {
        signing.send = proxy.soap->fsend;
        signing.receive = proxy.soap->frecv;
        proxy.soap->fsend = gather;
        proxy.soap->frecv = sign_then_receive;
        proxy.soap->user = &signing;
        proxy.soap_endpoint = plan.at("url").c_str();
    }

    // A call that must be answered.
    void done(int outcome) {
        if (outcome != SOAP_OK) {
            proxy.soap_stream_fault(std::cerr);
            throw std::runtime_error("refused");
        }
    }

    // A call that the node must refuse: which member of the typed detail is there, its Code and Description.
    void refused(const std::string &step, int outcome) {
        SOAP_ENV__Fault *fault = outcome == SOAP_OK ? nullptr : proxy.soap_fault();
        if (fault == nullptr || fault->detail == nullptr) {
            tell(step, {{"fault", "none"}});
            return;
        }
        const SOAP_ENV__Detail &detail = *fault->detail;
        const std::map<std::string, ns4__Void *> known = {
            {"MessageIsAlreadySent", detail.ns3__MessageIsAlreadySent},
            {"BusinessDataTypeIsNotSupported", detail.ns3__BusinessDataTypeIsNotSupported_},
            {"RecipientIsNotFound", detail.ns3__RecipientIsNotFound},
            {"TargetMessageIsNotFound", detail.ns3__TargetMessageIsNotFound},
        };
        for (const auto &[name, found] : known) {
            if (const auto *typed = dynamic_cast<ns4__SmevFault *>(found)) {
                tell(step, {{"fault", name}, {"code", *typed->Code}, {"text", *typed->Description}});
            }
        }
    }
};

// Values that the calls are given live as long as the program.
template <typename T> T *made() { return new T(); }

_ns4__MessagePrimaryContent *content(const std::string &xml) {
    auto *found = made<_ns4__MessagePrimaryContent>();
    found->__any = soap_strdup(nullptr, xml.c_str());
    return found;
}

ns4__XMLDSigSignatureType *signature() {
    auto *found = made<ns4__XMLDSigSignatureType>();
    found->__any = soap_strdup(nullptr, "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>");
    return found;
}

_ns4__Timestamp *timestamp() {
    auto *found = made<_ns4__Timestamp>();
    found->__item = std::time(nullptr);
    found->Id = new std::string("NOW");
    return found;
}

_ns4__MessageTypeSelector *anything() {
    auto *found = made<_ns4__MessageTypeSelector>();
    found->Timestamp = std::time(nullptr);
    return found;
}

_ns2__SendRequestRequest *request(const std::string &id, const std::string &xml) {
    auto *data = made<_ns2__SenderProvidedRequestData>();
    data->MessageID = id;
    data->ns4__MessagePrimaryContent = content(xml);
    auto *found = made<_ns2__SendRequestRequest>();
    found->SenderProvidedRequestData = data;
    return found;
}

_ns2__SendResponseRequest *response(const std::string &id, const std::string &to, const std::string &xml) {
    auto *data = made<_ns2__SenderProvidedResponseData>();
    data->MessageID = id;
    data->To = to;
    data->ns4__MessagePrimaryContent = content(xml);
    auto *found = made<_ns2__SendResponseRequest>();
    found->SenderProvidedResponseData = data;
    return found;
}

// Which of the two it is depends on the version: what may be left out is a pointer.
void set(bool &accepted) { accepted = true; }
void set(bool *&accepted) { accepted = new bool(true); }
const std::string &text(const std::string &value) { return value; }
const std::string &text(const std::string *value) { return *value; }

_ns2__AckRequest *ack(const std::string &id) {
    auto *target = made<_ns4__AckTargetMessage>();
    target->__item = id;
    set(target->accepted);
    target->Id = "ACK";
    auto *found = made<_ns2__AckRequest>();
    found->ns4__AckTargetMessage = target;
    return found;
}

std::string status(Client &client, const _ns2__MessageMetadata &metadata) {
    return soap_ns4__InteractionStatusType2s(client.proxy.soap, *metadata.Status);
}

// What is in a queue, as soon as there is something.
template <typename T> T *waited(const std::function<T *()> &call) {
    for (int turn = 0; turn < 100; turn++) {
        if (T *found = call()) {
            return found;
        }
        usleep(200000);
    }
    throw std::runtime_error("nothing came");
}

_ns2__Response *response_in(const _ns2__GetResponseResponse &found) {
    const bool there = found.__union_GetResponseResponse == SOAP_UNION__ns2__union_GetResponseResponse_ResponseMessage;
    return there ? found.union_GetResponseResponse.ResponseMessage->Response : nullptr;
}

void tell_statistics(Client &consumer) {
#ifdef SOAP_TYPE__ns2__GetIncomingQueueStatisticsRequest
    _ns2__GetIncomingQueueStatisticsRequest ask;
    ask.ns4__Timestamp = timestamp();
    ask.CallerInformationSystemSignature = signature();
    _ns2__GetIncomingQueueStatisticsResponse found;
    consumer.done(consumer.proxy.GetIncomingQueueStatistics(&ask, found));
    tell("GetIncomingQueueStatistics", {{"found", std::to_string(found.QueueStatistics.size())}});
#else
    (void)consumer; // contract 1.1 alone has them
#endif
}

Plan read(const char *name) {
    Plan plan;
    std::ifstream file(name);
    for (std::string line; std::getline(file, line);) {
        const size_t sign = line.find('=');
        std::string value = line.substr(sign + 1);
        for (size_t tab; (tab = value.find("\\t")) != std::string::npos;) {
            value.replace(tab, 2, "\t");
        }
        plan[line.substr(0, sign)] = value;
    }
    return plan;
}

void play(const Plan &plan) {
    Client consumer(plan, "consumer"), provider(plan, "provider");
    const auto asking = request(plan.at("id0"), plan.at("request"));
    _ns2__SendRequestResponse accepted;
    consumer.done(consumer.proxy.SendRequest(asking, accepted));
    const auto &metadata = *accepted.MessageMetadata;
    tell("SendRequest", {{"status", status(consumer, metadata)}, {"message_id", *metadata.MessageId}});
    consumer.refused("again", consumer.proxy.SendRequest(asking, accepted));
    const auto foreign = request(plan.at("id1"), "<n:Nothing xmlns:n='urn:nothing'/>");
    consumer.refused("unknown kind", consumer.proxy.SendRequest(foreign, accepted));

    const auto asked = waited<_ns2__Request>([&]() {
        auto *poll = made<_ns2__GetRequestRequest>();
        poll->ns4__MessageTypeSelector = anything();
        auto *found = made<_ns2__GetRequestResponse>();
        provider.done(provider.proxy.GetRequest(poll, *found));
        return found->RequestMessage ? found->RequestMessage->Request : nullptr;
    });
    const auto &data = *asked->SenderProvidedRequestData;
    tell("GetRequest", {{"message_id", data.MessageID}, {"content", data.ns4__MessagePrimaryContent->__any}});
    const std::string message_id = data.MessageID, reply_to = text(asked->ReplyTo);
    _ns2__SendResponseResponse sent;
    const auto made_up = response(plan.at("id2"), "nowhere", plan.at("response"));
    provider.refused("to nobody", provider.proxy.SendResponse(made_up, sent));
    provider.done(provider.proxy.SendResponse(response(plan.at("id3"), reply_to, plan.at("response")), sent));
    tell("SendResponse", {{"status", status(provider, *sent.MessageMetadata)}});
    ns4__Void nothing;
    provider.done(provider.proxy.Ack(ack(message_id), nothing));
    tell("Ack of the request");

    const auto answer = waited<_ns2__Response>([&]() -> _ns2__Response * {
        auto *poll = made<_ns2__GetResponseRequest>();
        poll->ns4__MessageTypeSelector = anything();
        auto *found = made<_ns2__GetResponseResponse>();
        consumer.done(consumer.proxy.GetResponse(poll, *found));
        return response_in(*found);
    });
    const auto &back = *answer->SenderProvidedResponseData;
    tell("GetResponse", {{"original", text(answer->OriginalMessageId)}, {"content", back.ns4__MessagePrimaryContent->__any}});
    const auto acked = ack(back.MessageID);
    consumer.done(consumer.proxy.Ack(acked, nothing));
    tell("Ack of the response");
    consumer.refused("Ack again", consumer.proxy.Ack(acked, nothing));
    _ns2__GetStatusRequest ask_status;
    ask_status.ns4__Timestamp = timestamp();
    ask_status.CallerInformationSystemSignature = signature();
    _ns2__GetStatusResponse notice;
    consumer.done(consumer.proxy.GetStatus(&ask_status, notice));
    tell("GetStatus", {{"notice", notice.SmevAsyncProcessingMessage ? "there is one" : "none"}});
    tell_statistics(consumer);
}

} // namespace

int main(int, char **arguments) {
    play(read(arguments[1]));
    return 0;
}
