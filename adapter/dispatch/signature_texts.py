"""What a caller is told of a refused signature, in Russian: the reason, and what to do about it.

The signing room speaks to people at a command line; a fault speaks to an exchange partner. The stable code of the
error stands in both, so that one can be found from the other.
"""

from ...signing.errors import SigningError

_TEXTS = {
    "NO_SIGNATURE": "в элементе CallerInformationSystemSignature нет подписи; подпишите элемент, которого требует "
    "операция",
    "WRONG_TARGET": "подпись сделана не над тем элементом, которого требует операция; ссылка Reference должна "
    "указывать на его атрибут Id",
    "MALFORMED_SIGNATURE": "структура или длина подписи не соответствует XMLDSig в том виде, какой принят в обмене",
    "ALGORITHM_REFUSED": "алгоритм подписи или хэша не допускается либо его идентификатор записан с ошибкой",
    "TRANSFORM_REFUSED": "нужны ровно два преобразования: Exclusive XML Canonicalization и "
    "urn://smev-gov-ru/xmldsig/transform, в этом порядке",
    "DUPLICATE_ID": "значение атрибута Id подписанного элемента повторяется в документе; сделайте его уникальным",
    "DIGEST_MISMATCH": "хэш элемента не совпал со значением DigestValue: элемент изменён после подписания или "
    "нормализован не так; сравните октеты командой mezhved explain",
    "SIGNATURE_MISMATCH": "значение SignatureValue не соответствует SignedInfo и сертификату: SignedInfo изменён после "
    "подписания, взят чужой ключ или переставлены байты; причину покажет mezhved explain",
    "TRANSFORM_ERROR": "преобразование СМЭВ неприменимо: в подписанном элементе есть элемент без пространства имён или "
    "атрибут с префиксом xml",
    "CERTIFICATE_MISSING": "в подписи нет сертификата (KeyInfo/X509Data/X509Certificate)",
    "CERTIFICATE_MALFORMED": "сертификат в подписи не читается как X.509",
    "CERTIFICATE_NOT_YET_VALID": "срок действия сертификата ещё не наступил; сверьте часы или дождитесь начала срока",
    "CERTIFICATE_EXPIRED": "срок действия сертификата истёк; получите новый и передайте его оператору узла",
    "CERTIFICATE_REVOKED": "сертификат отозван удостоверяющим центром; получите новый",
    "CERTIFICATE_UNTRUSTED": "сертификат выдан удостоверяющим центром, которому узел не доверяет",
    "CERTIFICATE_USAGE": "сертификат не предназначен для подписания (KeyUsage)",
    "CRL_UNUSABLE": "узел не может проверить, не отозван ли сертификат: нет действующего списка отзыва; "
    "обратитесь к оператору узла",
}


_OF_FILES = {
    "NO_SIGNATURE": "файл не подписан: в заголовке вложения нет SignaturePKCS7; подпишите файл отсоединённой подписью "
    "PKCS#7 (МР, раздел 4.5.4), например командой mezhved sign-file",
    "MALFORMED_SIGNATURE": "SignaturePKCS7 — не отсоединённая подпись PKCS#7 в DER: нужны SignedData без содержимого, "
    "ровно одна подпись, подписанные атрибуты contentType и messageDigest (МР, раздел 4.3.1)",
    "ALGORITHM_REFUSED": "алгоритм подписи или хэша в SignaturePKCS7 не допускается",
    "DIGEST_MISMATCH": "хэш файла не совпал с messageDigest его подписи: файл изменён после подписания, или подписан "
    "другой файл",
    "SIGNATURE_MISMATCH": "подпись PKCS#7 не соответствует своим атрибутам и сертификату",
    "CERTIFICATE_MISSING": "в SignaturePKCS7 нет сертификата подписавшего",
}


def explain(error: SigningError, *, file: bool = False) -> str:
    """The Russian text for `error`, with its stable code; `file` says that the signature is that of a file."""
    text = _OF_FILES.get(error.code) if file else None
    return f"{text or _TEXTS.get(error.code, 'подпись или сертификат не приняты')} (код {error.code})"
