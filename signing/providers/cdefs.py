"""The part of libcrypto's C interface that the package calls, as cffi reads it (ABI mode: no compiler needed).

Signatures are those of OpenSSL 3.0 headers. Only functions are declared, never the inside of a structure, so that the
declarations hold for every 3.x release. Macros of the headers (BIO_get_mem_data, sk_X509_num …) do not exist in the
library; the functions under them are declared instead.
"""

CDEF = """
typedef ... ASN1_INTEGER;
typedef ... ASN1_OBJECT;
typedef ... ASN1_OCTET_STRING;
typedef ... ASN1_TIME;
typedef ... BIGNUM;
typedef ... BIO;
typedef ... BIO_METHOD;
typedef ... CMS_ContentInfo;
typedef ... CMS_SignerInfo;
typedef ... ENGINE;
typedef ... EVP_CIPHER;
typedef ... EVP_MD;
typedef ... EVP_MD_CTX;
typedef ... EVP_PKEY;
typedef ... EVP_PKEY_CTX;
typedef ... OPENSSL_STACK;
typedef ... PKCS12;
typedef ... X509;
typedef ... X509_ALGOR;
typedef ... X509_CRL;
typedef ... X509_EXTENSION;
typedef ... X509_NAME;
typedef ... X509_REVOKED;
typedef ... X509_STORE;
typedef ... X509_STORE_CTX;
typedef ... X509_VERIFY_PARAM;

/* the library itself, its errors, its engines */
unsigned long OpenSSL_version_num(void);
const char *OpenSSL_version(int type);
unsigned long ERR_get_error(void);
void ERR_clear_error(void);
void ERR_error_string_n(unsigned long error, char *text, size_t size);
ENGINE *ENGINE_by_id(const char *id);
int ENGINE_init(ENGINE *engine);
int ENGINE_set_default(ENGINE *engine, unsigned int methods);
const char *ENGINE_get_name(const ENGINE *engine);
int ENGINE_free(ENGINE *engine);

/* memory BIOs */
BIO *BIO_new_mem_buf(const void *octets, int size);
BIO *BIO_new(const BIO_METHOD *method);
const BIO_METHOD *BIO_s_mem(void);
size_t BIO_ctrl_pending(BIO *bio);
int BIO_read(BIO *bio, void *octets, int size);
int BIO_free(BIO *bio);

/* digests and signatures */
const EVP_MD *EVP_get_digestbyname(const char *name);
int EVP_Digest(const void *data, size_t count, unsigned char *md, unsigned int *size, const EVP_MD *type, ENGINE *e);
int EVP_DigestInit_ex(EVP_MD_CTX *ctx, const EVP_MD *type, ENGINE *e);
int EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *octets, size_t count);
int EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *md, unsigned int *size);
EVP_MD_CTX *EVP_MD_CTX_new(void);
void EVP_MD_CTX_free(EVP_MD_CTX *ctx);
int EVP_DigestSignInit(EVP_MD_CTX *ctx, EVP_PKEY_CTX **pctx, const EVP_MD *type, ENGINE *e, EVP_PKEY *pkey);
int EVP_DigestSign(EVP_MD_CTX *ctx, unsigned char *signature, size_t *size, const unsigned char *data, size_t count);
int EVP_DigestVerifyInit(EVP_MD_CTX *ctx, EVP_PKEY_CTX **pctx, const EVP_MD *type, ENGINE *e, EVP_PKEY *pkey);
int EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *signature, size_t size,
                     const unsigned char *data, size_t count);

/* keys */
const EVP_CIPHER *EVP_aes_256_cbc(void);
int OBJ_sn2nid(const char *name);
int OBJ_txt2nid(const char *name);
EVP_PKEY_CTX *EVP_PKEY_CTX_new_id(int id, ENGINE *e);
void EVP_PKEY_CTX_free(EVP_PKEY_CTX *ctx);
int EVP_PKEY_keygen_init(EVP_PKEY_CTX *ctx);
int EVP_PKEY_CTX_ctrl_str(EVP_PKEY_CTX *ctx, const char *type, const char *value);
int EVP_PKEY_keygen(EVP_PKEY_CTX *ctx, EVP_PKEY **pkey);
void EVP_PKEY_free(EVP_PKEY *pkey);
int EVP_PKEY_get_base_id(const EVP_PKEY *pkey);
int i2d_PUBKEY_bio(BIO *bio, const EVP_PKEY *pkey);
int EVP_PKEY_eq(const EVP_PKEY *a, const EVP_PKEY *b);
EVP_PKEY *PEM_read_bio_PrivateKey(BIO *bio, EVP_PKEY **x, void *callback, void *password);
int PEM_write_bio_PKCS8PrivateKey(BIO *bio, EVP_PKEY *x, const EVP_CIPHER *cipher, const char *password, int size,
                                  void *callback, void *argument);
PKCS12 *d2i_PKCS12_bio(BIO *bio, PKCS12 **p12);
int i2d_PKCS12_bio(BIO *bio, const PKCS12 *p12);
int PKCS12_parse(PKCS12 *p12, const char *password, EVP_PKEY **pkey, X509 **certificate, OPENSSL_STACK **others);
PKCS12 *PKCS12_create(const char *password, const char *name, EVP_PKEY *pkey, X509 *certificate, OPENSSL_STACK *others,
                      int nid_key, int nid_certificate, int iterations, int mac_iterations, int key_type);
void PKCS12_free(PKCS12 *p12);

/* stacks of certificates */
OPENSSL_STACK *OPENSSL_sk_new_null(void);
int OPENSSL_sk_push(OPENSSL_STACK *stack, const void *item);
int OPENSSL_sk_num(const OPENSSL_STACK *stack);
void *OPENSSL_sk_value(const OPENSSL_STACK *stack, int index);
void *OPENSSL_sk_shift(OPENSSL_STACK *stack);
void OPENSSL_sk_free(OPENSSL_STACK *stack);

/* certificates and revocation lists */
BIGNUM *BN_bin2bn(const unsigned char *octets, int size, BIGNUM *result);
void BN_free(BIGNUM *number);
ASN1_INTEGER *BN_to_ASN1_INTEGER(const BIGNUM *number, ASN1_INTEGER *result);
void ASN1_INTEGER_free(ASN1_INTEGER *number);
ASN1_TIME *ASN1_TIME_new(void);
int ASN1_TIME_set_string_X509(ASN1_TIME *time, const char *text);
void ASN1_TIME_free(ASN1_TIME *time);
ASN1_OBJECT *OBJ_txt2obj(const char *text, int no_name);
ASN1_OBJECT *OBJ_nid2obj(int nid);
int OBJ_obj2nid(const ASN1_OBJECT *object);
const char *OBJ_nid2sn(int nid);
void ASN1_OBJECT_free(ASN1_OBJECT *object);
ASN1_OCTET_STRING *ASN1_OCTET_STRING_new(void);
int ASN1_STRING_length(const void *string);
const unsigned char *ASN1_STRING_get0_data(const void *string);
int ASN1_OCTET_STRING_set(ASN1_OCTET_STRING *string, const unsigned char *octets, int size);
void ASN1_OCTET_STRING_free(ASN1_OCTET_STRING *string);
X509_NAME *X509_NAME_new(void);
int X509_NAME_add_entry_by_OBJ(X509_NAME *name, const ASN1_OBJECT *attribute, int type, const unsigned char *octets,
                               int size, int position, int set);
int i2d_X509_NAME(const X509_NAME *name, unsigned char **octets);
X509_NAME *d2i_X509_NAME(X509_NAME **name, const unsigned char **octets, long size);
void X509_NAME_free(X509_NAME *name);
X509_EXTENSION *X509_EXTENSION_create_by_OBJ(X509_EXTENSION **x, const ASN1_OBJECT *object, int critical,
                                             ASN1_OCTET_STRING *value);
void X509_EXTENSION_free(X509_EXTENSION *extension);

X509 *d2i_X509(X509 **x, const unsigned char **octets, long size);
int i2d_X509_bio(BIO *bio, X509 *x);
X509 *X509_new(void);
void X509_free(X509 *x);
int X509_set_version(X509 *x, long version);
int X509_set_serialNumber(X509 *x, ASN1_INTEGER *serial);
int X509_set_issuer_name(X509 *x, const X509_NAME *name);
int X509_set_subject_name(X509 *x, const X509_NAME *name);
int X509_set1_notBefore(X509 *x, const ASN1_TIME *time);
int X509_set1_notAfter(X509 *x, const ASN1_TIME *time);
int X509_set_pubkey(X509 *x, EVP_PKEY *pkey);
int X509_add_ext(X509 *x, X509_EXTENSION *extension, int position);
int X509_sign(X509 *x, EVP_PKEY *pkey, const EVP_MD *md);
EVP_PKEY *X509_get_pubkey(X509 *x);
X509_NAME *X509_get_subject_name(const X509 *x);
unsigned int X509_get_key_usage(X509 *x);

X509_CRL *d2i_X509_CRL(X509_CRL **crl, const unsigned char **octets, long size);
int i2d_X509_CRL_bio(BIO *bio, X509_CRL *crl);
X509_CRL *X509_CRL_new(void);
void X509_CRL_free(X509_CRL *crl);
int X509_CRL_set_version(X509_CRL *crl, long version);
int X509_CRL_set_issuer_name(X509_CRL *crl, const X509_NAME *name);
int X509_CRL_set1_lastUpdate(X509_CRL *crl, const ASN1_TIME *time);
int X509_CRL_set1_nextUpdate(X509_CRL *crl, const ASN1_TIME *time);
int X509_CRL_add_ext(X509_CRL *crl, X509_EXTENSION *extension, int position);
int X509_CRL_add0_revoked(X509_CRL *crl, X509_REVOKED *revoked);
int X509_CRL_verify(X509_CRL *crl, EVP_PKEY *key);
int X509_CRL_sort(X509_CRL *crl);
int X509_CRL_sign(X509_CRL *crl, EVP_PKEY *pkey, const EVP_MD *md);
X509_REVOKED *X509_REVOKED_new(void);
void X509_REVOKED_free(X509_REVOKED *revoked);
int X509_REVOKED_set_serialNumber(X509_REVOKED *revoked, ASN1_INTEGER *serial);
int X509_REVOKED_set_revocationDate(X509_REVOKED *revoked, ASN1_TIME *time);

/* chains */
X509_STORE *X509_STORE_new(void);
void X509_STORE_free(X509_STORE *store);
int X509_STORE_add_cert(X509_STORE *store, X509 *x);
int X509_STORE_add_crl(X509_STORE *store, X509_CRL *crl);
X509_STORE_CTX *X509_STORE_CTX_new(void);
void X509_STORE_CTX_free(X509_STORE_CTX *ctx);
int X509_STORE_CTX_init(X509_STORE_CTX *ctx, X509_STORE *store, X509 *target, OPENSSL_STACK *untrusted);
X509_VERIFY_PARAM *X509_STORE_CTX_get0_param(X509_STORE_CTX *ctx);
int X509_VERIFY_PARAM_set_flags(X509_VERIFY_PARAM *param, unsigned long flags);
int X509_VERIFY_PARAM_set_purpose(X509_VERIFY_PARAM *param, int purpose);
void X509_VERIFY_PARAM_set_time(X509_VERIFY_PARAM *param, int64_t at);
void X509_VERIFY_PARAM_set_auth_level(X509_VERIFY_PARAM *param, int level);
int X509_verify_cert(X509_STORE_CTX *ctx);
int X509_STORE_CTX_get_error(const X509_STORE_CTX *ctx);
int X509_STORE_CTX_get_error_depth(const X509_STORE_CTX *ctx);
X509 *X509_STORE_CTX_get_current_cert(const X509_STORE_CTX *ctx);
OPENSSL_STACK *X509_STORE_CTX_get0_chain(const X509_STORE_CTX *ctx);
const char *X509_verify_cert_error_string(long error);

/* signatures of files: CMS, the successor of PKCS#7 */
CMS_ContentInfo *d2i_CMS_ContentInfo(CMS_ContentInfo **cms, const unsigned char **octets, long size);
int i2d_CMS_bio(BIO *bio, CMS_ContentInfo *cms);
void CMS_ContentInfo_free(CMS_ContentInfo *cms);
const ASN1_OBJECT *CMS_get0_type(const CMS_ContentInfo *cms);
const ASN1_OBJECT *CMS_get0_eContentType(CMS_ContentInfo *cms);
int CMS_is_detached(CMS_ContentInfo *cms);
OPENSSL_STACK *CMS_get0_SignerInfos(CMS_ContentInfo *cms);
OPENSSL_STACK *CMS_get0_signers(CMS_ContentInfo *cms);
void CMS_SignerInfo_get0_algs(CMS_SignerInfo *signer, EVP_PKEY **key, X509 **certificate, X509_ALGOR **digest,
                              X509_ALGOR **signature);
void X509_ALGOR_get0(const ASN1_OBJECT **object, int *type, const void **value, const X509_ALGOR *algorithm);
int CMS_signed_get_attr_count(const CMS_SignerInfo *signer);
void *CMS_signed_get0_data_by_OBJ(const CMS_SignerInfo *signer, const ASN1_OBJECT *oid, int lastpos, int type);
int CMS_verify(CMS_ContentInfo *cms, OPENSSL_STACK *certificates, X509_STORE *store, BIO *detached, BIO *out,
               unsigned int flags);
CMS_ContentInfo *CMS_sign(X509 *certificate, EVP_PKEY *key, OPENSSL_STACK *others, BIO *data, unsigned int flags);
CMS_SignerInfo *CMS_add1_signer(CMS_ContentInfo *cms, X509 *certificate, EVP_PKEY *key, const EVP_MD *md,
                                unsigned int flags);
int CMS_signed_add1_attr_by_NID(CMS_SignerInfo *signer, int nid, int type, const void *value, int size);
int CMS_SignerInfo_sign(CMS_SignerInfo *signer);
"""
