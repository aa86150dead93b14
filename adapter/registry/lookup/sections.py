"""All sections of a worker's record: their tables, and which column becomes which element."""

from collections.abc import Mapping

from .. import dictionaries as nsi
from .. import schema as tables
from ..markup import moment, share
from ..projection import Section
from .fields import Coded, Named, Plain, only_yes, yes_or_no
from .records import Records

_PATIENTS = "2.999.643.20"
"""Dictionary of categories of patients: no sample of it is shipped."""
_BEGIN, _END = Plain("BeginDate", "valid_from"), Plain("EndDate", "valid_to")
_EXTENDED = Plain("Extended", "extended", yes_or_no)


def points(hundredths: int) -> str:
    """Points of continuing education, kept in hundredths, as PointsType of the kinds."""
    return f"{'-' if hundredths < 0 else ''}{abs(hundredths) // 100}.{abs(hundredths) % 100:02}"


def _specialty(day: str) -> Coded:
    return Coded("Specialty", "specialty", nsi.SPECIALTIES, day)


def _post(day: str) -> Coded:
    return Coded("Post", "post", nsi.POSTS, day)


def _institution(day: str) -> Coded:
    return Coded("Institution", "institution", nsi.INSTITUTIONS, day)


_EMPLOYER = Named("Organization", "organisation_oid", tables.organisations, "full_name")

_SECTIONS = (
    Records(
        Section.ALTERNATE_IDENTIFIERS,
        "AlternateIdentifiers",
        "AlternateIdentifier",
        tables.alternate_identifiers,
        (Plain("System", "system"), Plain("Value", "value"), _BEGIN, _END),
    ),
    Records(
        Section.CONTACTS,
        "Contacts",
        "Contact",
        tables.contacts,
        (
            Plain("Kind", "contact_kind"),
            Plain("Value", "value"),
            Plain("Preferred", "preferred", yes_or_no),
            _BEGIN,
            _END,
        ),
    ),
    Records(
        Section.IDENTITY_DOCUMENTS,
        "IdentityDocuments",
        "IdentityDocument",
        tables.identity_documents,
        (
            Coded("Type", "type_code", nsi.IDENTITY_DOCUMENT_TYPES, "valid_from"),
            Plain("Series", "series"),
            Plain("Number", "number"),
            Plain("IssueDate", "valid_from"),
            _END,
            Plain("Issuer", "issuer"),
            Plain("IssuerCode", "issuer_code"),
        ),
    ),
    Records(
        Section.ADDRESSES,
        "Addresses",
        "Address",
        tables.addresses,
        (
            Coded("Type", "address_type", nsi.ADDRESS_TYPES, "valid_from"),
            Coded("Region", "region", nsi.REGIONS, "valid_from"),
            Plain("GarId", "gar_id"),
            Plain("PostalCode", "postal_code"),
            Plain("Area", "area"),
            Plain("Street", "street"),
            Plain("House", "house"),
            Plain("Building", "building"),
            Plain("Structure", "structure"),
            Plain("Flat", "flat"),
            _BEGIN,
            _END,
        ),
    ),
    Records(
        Section.CONSENTS,
        "Consents",
        "Consent",
        tables.consents,
        (Plain("Kind", "consent_kind"), Plain("DocumentNumber", "document_number"), _BEGIN, _END),
    ),
    Records(
        Section.EMPLOYMENTS,
        "Employments",
        "Employment",
        tables.employments,
        (
            _EMPLOYER,
            Named("Subdivision", "subdivision_oid", tables.subdivisions, "name"),
            Coded("Region", "region", nsi.REGIONS, "valid_from"),
            _post("valid_from"),
            _specialty("valid_from"),
            Coded("PositionType", "position_type", nsi.POSITION_TYPES, "valid_from"),
            Plain("Rate", "rate", share),
            Plain("ServiceNumber", "service_number"),
            Plain("PersonalFileNumber", "personal_file_number"),
            Plain("ContractNumber", "contract_number"),
            Plain("ContractDate", "contract_date"),
            _BEGIN,
            _END,
            Coded("EndType", "end_type", nsi.END_TYPES, "valid_to"),
            Coded("DismissalReason", "dismissal_reason", nsi.DISMISSAL_REASONS, "valid_to"),
            Plain("PreviousEmploymentId", "previous_id"),
        ),
    ),
    Records(
        Section.ABSENCES,
        "Absences",
        "Absence",
        tables.absences,
        (
            Plain("EmploymentId", "employment_id"),
            Coded("Reason", "reason", nsi.ABSENCE_REASONS, "valid_from"),
            Plain("OrderNumber", "order_number"),
            Plain("OrderDate", "order_date"),
            _BEGIN,
            _END,
            Plain("PreviousAbsenceId", "previous_id"),
        ),
    ),
    Records(
        Section.EDUCATION,
        "Education",
        "EducationRecord",
        tables.education,
        (
            Plain("Stage", "stage"),
            Coded("Type", "education_type", nsi.EDUCATION_TYPES, "document_date"),
            _institution("document_date"),
            Plain("InstitutionName", "institution_name"),
            Coded("Level", "level", nsi.EDUCATION_LEVELS, "document_date"),
            Coded("Form", "form", nsi.EDUCATION_FORMS, "document_date"),
            _specialty("document_date"),
            Coded("Qualification", "qualification", nsi.DIPLOMA_QUALIFICATIONS, "document_date"),
            Plain("Studying", "studying", only_yes),
            Plain("Theme", "theme"),
            Coded("ProgrammeKind", "programme_kind", nsi.PROGRAMME_KINDS, "document_date"),
            Plain("Hours", "hours"),
            Coded("AcademicDegree", "academic_degree", nsi.ACADEMIC_DEGREES, "document_date"),
            Coded("ScienceBranch", "science_branch", nsi.SCIENCE_BRANCHES, "document_date"),
            _BEGIN,
            _END,
            Plain("DocumentSeries", "document_series"),
            Plain("DocumentNumber", "document_number"),
            Plain("DocumentDate", "document_date"),
            Plain("DocumentLink", "document_link"),
            Plain("Duplicate", "duplicate", only_yes),
            Plain("Foreign", "foreign", only_yes),
            Coded("ForeignCountry", "foreign_country", nsi.COUNTRIES, "document_date"),
            Plain("Recognised", "recognised", yes_or_no),
            Plain("RecognitionNumber", "recognition_number"),
            Plain("RecognitionDate", "recognition_date"),
            Plain("Targeted", "targeted", only_yes),
            Plain("TargetContractNumber", "target_contract_number"),
            Plain("TargetContractDate", "target_contract_date"),
            Plain("TargetDutyMonths", "target_duty_months"),
            Plain("TargetTerminatedOn", "target_terminated_on"),
        ),
        accumulates=True,
    ),
    Records(
        Section.CERTIFICATES,
        "Certificates",
        "Certificate",
        tables.certificates,
        (
            _specialty("exam_date"),
            _institution("exam_date"),
            Plain("Series", "series"),
            Plain("Number", "number"),
            Plain("ExamDate", "exam_date"),
            _BEGIN,
            _END,
            _EXTENDED,
        ),
    ),
    Records(
        Section.ACCREDITATIONS,
        "Accreditations",
        "Accreditation",
        tables.accreditations,
        (
            Coded("Kind", "accreditation_kind", nsi.ACCREDITATION_KINDS, "protocol_date"),
            _specialty("protocol_date"),
            _post("protocol_date"),
            _institution("protocol_date"),
            Plain("RegistryNumber", "registry_number"),
            Plain("ProtocolNumber", "protocol_number"),
            Plain("ProtocolDate", "protocol_date"),
            Plain("DocumentSeries", "document_series"),
            Plain("DocumentNumber", "document_number"),
            _BEGIN,
            _END,
            Plain("Extended", "extended", only_yes),
        ),
    ),
    Records(
        Section.ACCREDITATION_PROCEDURES,
        "AccreditationProcedures",
        "AccreditationProcedure",
        tables.accreditation_procedures,
        (
            Plain("AccreditationId", "accreditation_id"),
            Plain("ApplicationNumber", "application_number"),
            Coded("Kind", "accreditation_kind", nsi.ACCREDITATION_KINDS, "protocol_date"),
            _specialty("protocol_date"),
            _post("protocol_date"),
            Coded("ProfessionalStandard", "professional_standard", nsi.PROFESSIONAL_STANDARDS, "protocol_date"),
            Coded("ActivityKind", "activity_kind", nsi.ACTIVITY_KINDS, "protocol_date"),
            Coded("EducationLevel", "education_level", nsi.EDUCATION_LEVELS, "protocol_date"),
            _institution("protocol_date"),
            Plain("Commission", "commission"),
            Plain("Outcome", "outcome"),
            Plain("ProtocolNumber", "protocol_number"),
            Plain("ProtocolDate", "protocol_date"),
            Plain("LastName", "last_name"),
            Plain("FirstName", "first_name"),
            Plain("Patronymic", "patronymic"),
            _BEGIN,
            _END,
        ),
        accumulates=True,
    ),
    Records(
        Section.QUALIFICATIONS,
        "Qualifications",
        "Qualification",
        tables.qualifications,
        (
            Coded("Category", "category", nsi.CATEGORIES, "valid_from"),
            _specialty("valid_from"),
            _post("valid_from"),
            Plain("OrderNumber", "order_number"),
            Plain("OrderDate", "order_date"),
            _BEGIN,
            _END,
            Plain("Extended", "extended", only_yes),
        ),
    ),
    Records(
        Section.CME_POINTS,
        "CmePoints",
        "CmeEntry",
        tables.cme_points,
        (
            Coded("Activity", "activity_kind", nsi.CME_ACTIVITIES, "valid_from"),
            Plain("Title", "title"),
            Plain("Provider", "provider"),
            _specialty("valid_from"),
            Plain("ActivityNumber", "activity_number"),
            Plain("Points", "points", points),
            Plain("Hours", "hours"),
            Plain("Confirmation", "confirmation"),
            _BEGIN,
            _END,
        ),
        accumulates=True,
    ),
    Records(
        Section.RESOLUTIONS,
        "Resolutions",
        "Resolution",
        tables.resolutions,
        (
            _specialty("issued_on"),
            _post("issued_on"),
            Coded("Patients", "patients", _PATIENTS, "issued_on"),
            Plain("Number", "number"),
            Plain("IssueDate", "issued_on"),
            Plain("Issuer", "issuer"),
            _BEGIN,
            _END,
        ),
    ),
    Records(
        Section.RESTRICTIONS,
        "Restrictions",
        "Restriction",
        tables.restrictions,
        (
            Coded("Kind", "restriction_kind", nsi.RESTRICTION_KINDS, "basis_date"),
            _specialty("basis_date"),
            _post("basis_date"),
            Plain("Basis", "basis"),
            Plain("BasisNumber", "basis_number"),
            Plain("BasisDate", "basis_date"),
            Plain("LiftBasis", "lift_basis"),
            Plain("LiftedOn", "lifted_on"),
            _BEGIN,
            _END,
        ),
    ),
    Records(
        Section.DISCIPLINE,
        "DisciplinaryMeasures",
        "DisciplinaryMeasure",
        tables.disciplinary_measures,
        (
            _EMPLOYER,
            Coded("Measure", "measure", nsi.DISCIPLINARY_MEASURES, "order_date"),
            Plain("OrderNumber", "order_number"),
            Plain("OrderDate", "order_date"),
            Plain("Ground", "ground"),
            Plain("RemovedOn", "removed_on"),
            _BEGIN,
            _END,
        ),
    ),
    Records(
        Section.AWARDS,
        "Awards",
        "Award",
        tables.awards,
        (
            Plain("Kind", "award_kind"),
            Coded("Award", "award", nsi.AWARDS, "awarded_on"),
            Plain("Number", "number"),
            Plain("AwardedOn", "awarded_on"),
            Plain("Issuer", "issuer"),
            _BEGIN,
            _END,
        ),
    ),
    Records(
        Section.MEMBERSHIPS,
        "Memberships",
        "Membership",
        tables.memberships,
        (Coded("Society", "society", nsi.SOCIETIES, "valid_from"), Plain("Number", "number"), _BEGIN, _END),
    ),
    Records(
        Section.MILITARY_SERVICE,
        "MilitaryService",
        "ServiceRecord",
        tables.military_service,
        (Plain("Served", "served", yes_or_no), Plain("Rank", "rank"), _BEGIN, _END),
        accumulates=True,
    ),
    Records(
        Section.ATTESTATIONS,
        "Attestations",
        "Attestation",
        tables.attestations,
        (
            Plain("Section", "attested_section"),
            Plain("Attester", "attester"),
            Plain("SeenAt", "seen_at", moment),
            _BEGIN,
            _END,
        ),
    ),
    Records(
        Section.WORKER_MERGES,
        "Merges",
        "Merge",
        tables.worker_merges,
        (Plain("IntoOid", "into_oid"), Plain("Reason", "reason"), _BEGIN, _END),
        owner="entity_id",
    ),
)
RECORDS: Mapping[Section, Records] = {records.section: records for records in _SECTIONS}
"""All sections but that of the person, in the order of the card."""
