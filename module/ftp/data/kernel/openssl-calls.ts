/** The prototypes of ssl.h, bio.h and err.h, as far as data connections use them. */

/** Binds them; pointers are numbers here, and never leave `openssl.ts` and `tls-connection.ts`. */
export function bind(koffi: typeof import('koffi').default) {
  const lib = koffi.load(null)
  const select = koffi.proto(
    'int ftp_alpn_select(uintptr_t ssl, uintptr_t out, uintptr_t outLength, uintptr_t in, unsigned int inLength, uintptr_t arg)',
  )
  return {
    select: koffi.pointer(select),
    make: lib.func('uintptr_t SSL_new(uintptr_t context)'),
    free: lib.func('void SSL_free(uintptr_t ssl)'),
    setFd: lib.func('int SSL_set_fd(uintptr_t ssl, int fd)'),
    setAcceptState: lib.func('void SSL_set_accept_state(uintptr_t ssl)'),
    control: lib.func('long SSL_ctrl(uintptr_t ssl, int command, long number, uintptr_t pointer)'),
    setOptions: lib.func('uint64_t SSL_set_options(uintptr_t ssl, uint64_t options)'),
    clearOptions: lib.func('uint64_t SSL_clear_options(uintptr_t ssl, uint64_t options)'),
    setReadAhead: lib.func('void SSL_set_read_ahead(uintptr_t ssl, int yes)'),
    setReadBuffer: lib.func('void SSL_set_default_read_buffer_len(uintptr_t ssl, size_t octets)'),
    handshake: lib.func('int SSL_do_handshake(uintptr_t ssl)'),
    read: lib.func('int SSL_read(uintptr_t ssl, void *octets, int length)'),
    write: lib.func('int SSL_write(uintptr_t ssl, const void *octets, int length)'),
    shutdown: lib.func('int SSL_shutdown(uintptr_t ssl)'),
    getError: lib.func('int SSL_get_error(uintptr_t ssl, int result)'),
    reused: lib.func('int SSL_session_reused(uintptr_t ssl)'),
    selectNext: lib.func(
      'int SSL_select_next_proto(uintptr_t out, uintptr_t outLength, const void *own, unsigned int ownLength, uintptr_t in, unsigned int inLength)',
    ),
    setAlpn: lib.func('void SSL_CTX_set_alpn_select_cb(uintptr_t context, void *select, uintptr_t arg)'),
    bufferMethod: lib.func('uintptr_t BIO_f_buffer()'),
    makeBio: lib.func('uintptr_t BIO_new(uintptr_t method)'),
    keepBio: lib.func('int BIO_up_ref(uintptr_t bio)'),
    pushBio: lib.func('uintptr_t BIO_push(uintptr_t bio, uintptr_t next)'),
    controlBio: lib.func('long BIO_ctrl(uintptr_t bio, int command, long number, uintptr_t pointer)'),
    setBio: lib.func('long BIO_int_ctrl(uintptr_t bio, int command, long number, int which)'),
    testBio: lib.func('int BIO_test_flags(uintptr_t bio, int flags)'),
    readBio: lib.func('uintptr_t SSL_get_rbio(uintptr_t ssl)'),
    setWriteBio: lib.func('void SSL_set0_wbio(uintptr_t ssl, uintptr_t bio)'),
    clearErrors: lib.func('void ERR_clear_error()'),
    memoryMethod: lib.func('uintptr_t BIO_s_mem()'),
    takeFromBio: lib.func('int BIO_read(uintptr_t bio, void *octets, int length)'),
    hasPending: lib.func('int SSL_has_pending(uintptr_t ssl)'),
    version: lib.func('const char *SSL_get_version(uintptr_t ssl)'),
    cipher: lib.func('uintptr_t SSL_get_current_cipher(uintptr_t ssl)'),
    cipherName: lib.func('const char *SSL_CIPHER_get_name(uintptr_t cipher)'),
    serverName: lib.func('const char *SSL_get_servername(uintptr_t ssl, int type)'),
    setContext: lib.func('uintptr_t SSL_set_SSL_CTX(uintptr_t ssl, uintptr_t context)'),
    named: koffi.pointer(koffi.proto('int ftp_server_named(uintptr_t ssl, uintptr_t alert, uintptr_t arg)')),
    setNamed: lib.func('long SSL_CTX_callback_ctrl(uintptr_t context, int command, void *named)'),
    lastError: lib.func('unsigned long ERR_peek_last_error()'),
    reason: lib.func('const char *ERR_reason_error_string(unsigned long error)'),
  }
}

export type Calls = ReturnType<typeof bind>
