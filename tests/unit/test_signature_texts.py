"""Every reason for which a signature is refused has a Russian text of its own."""

from mezhved.adapter.dispatch.signature_texts import explain
from mezhved.signing import errors
from mezhved.signing.errors import KeyUnusable, ProviderUnavailable, SigningError

GENERAL = {errors.SigningError, errors.SignatureInvalid, errors.CertificateRefused, ProviderUnavailable, KeyUnusable}


def _family(base: type[SigningError]) -> set[type[SigningError]]:
    return {base}.union(*(_family(child) for child in base.__subclasses__()))


def test_every_reason_is_told_in_russian_with_its_code() -> None:
    reasons = _family(SigningError) - GENERAL
    texts = {explain(reason("details")) for reason in reasons}
    assert len(texts) == len(reasons) > 10
    for reason in reasons:
        assert reason.code in explain(reason("details"))
        assert not explain(reason("details")).startswith("подпись или сертификат не приняты")
