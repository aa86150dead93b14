"""Education of workers, of every stage in one table: what differs is which columns are used (registry rules)."""

from sqlalchemy import Boolean, Column, Date, Integer, SmallInteger, false

from .base import current_index, fact, needed, of_worker, optional

education = fact(
    "education",
    of_worker(),
    needed("stage", "GENERAL, PROFESSIONAL, POSTGRADUATE or ADDITIONAL"),
    needed("education_type", "dictionary 1.2.643.5.1.13.13.11.1110"),
    optional("institution", "dictionary 1.2.643.5.1.13.13.11.1124; NULL: abroad, or a school (institution_name)"),
    optional("institution_name", "name of a school, or of an institution abroad"),
    optional("level", "level of education: dictionary 2.999.643.12"),
    optional("form", "full-time, part-time, distance: dictionary 2.999.643.13"),
    optional("specialty", "dictionary 1.2.643.5.1.13.13.11.1066"),
    optional("qualification", "dictionary 1.2.643.5.1.13.13.11.1103"),
    Column("duration_months", SmallInteger, comment="length of the programme, in months"),
    Column("budget", Boolean, comment="paid by the state"),
    Column("studying", Boolean, nullable=False, server_default=false(), comment="not finished yet: no document"),
    optional("theme", "additional education: its subject"),
    optional("programme_kind", "additional education: kind of programme, dictionary 2.999.643.14"),
    Column("hours", Integer, comment="additional education: how many hours"),
    optional("academic_degree", "postgraduate: academic degree, dictionary 2.999.643.15"),
    optional("science_branch", "postgraduate: branch of science, dictionary 2.999.643.16"),
    optional("document_series", "diploma or certificate: series"),
    optional("document_number", "diploma or certificate: number; NULL: not finished yet"),
    Column("document_date", Date, comment="diploma or certificate: when issued; NULL: not finished yet"),
    optional("document_link", "where a picture of the document is kept"),
    Column("duplicate", Boolean, nullable=False, server_default=false(), comment="the document is a duplicate"),
    # Education abroad: all of it, or nothing.
    Column("foreign", Boolean, nullable=False, server_default=false(), comment="got abroad"),
    optional("foreign_country", "abroad: dictionary 1.2.643.5.1.13.2.1.1.63 (ОКСМ)"),
    Column("recognised", Boolean, comment="abroad: recognised in Russia; NULL: got in Russia"),
    optional("recognition_series", "certificate of recognition: series"),
    optional("recognition_number", "certificate of recognition: number"),
    Column("recognition_date", Date, comment="certificate of recognition: when issued"),
    # Target training: a contract by which the graduate owes an employer some years.
    Column(
        "targeted", Boolean, nullable=False, server_default=false(), comment="studied by a contract of target training"
    ),
    optional("target_region", "target training: region of the work owed, dictionary 1.2.643.5.1.13.13.99.2.20"),
    optional("target_contract_number", "target training: number of the contract"),
    Column("target_contract_date", Date, comment="target training: date of the contract"),
    optional("target_customer_inn", "target training: ИНН of the customer"),
    optional("target_customer_ogrn", "target training: ОГРН of the customer"),
    optional("target_employer_inn", "target training: ИНН of the employer"),
    optional("target_employer_ogrn", "target training: ОГРН of the employer"),
    Column("target_duty_months", SmallInteger, comment="target training: how long the work owed lasts, in months"),
    Column("target_terminated_on", Date, comment="target training: when the contract was dissolved"),
    optional("target_termination_reason", "target training: why, dictionary 2.999.643.17"),
    entity="UUID of the record",
    period="the studies",
    comment="Education: general, professional, postgraduate, additional",
)
current_index("education_worker", education, "worker_oid")
current_index("education_document", education, "document_number", "institution")
