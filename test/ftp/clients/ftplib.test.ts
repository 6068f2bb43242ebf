/** Python's ftplib against the server: FTP, FTP_TLS, and an implicit variant as people write it. */
import { expect } from 'chai'
import { needs, python } from '../../real-clients.ts'
import { serve } from '../../serve.ts'
import { FAMILIES, TRANSPORTS } from '../../transport.ts'

for (const transport of TRANSPORTS) {
  for (const family of FAMILIES) {
    describe(`ftplib over ${transport}, IPv${family}`, () => {
      before(function () {
        needs(this, 'python3')
      })

      for (const mode of ['passive', 'active']) {
        it(`does everything it can in ${mode} mode`, async () => {
          await using it = await serve({ transport, family, files: { 'old.txt': 'one\ntwo\n' } })
          const said = JSON.parse(await python(EVERYTHING, it.host, it.port, transport, mode)) as Record<
            string,
            unknown
          >
          expect(said).to.deep.equal({
            welcome: '220',
            binary: true,
            rest: 'world',
            lines: ['one', 'two'],
            size: 300_000,
            nlst: ['d', 'old.txt', 'text.txt', 'up.bin'],
            mlsd: { d: 'dir', 'old.txt': 'file', 'text.txt': 'file', 'up.bin': 'file' },
            pwd: '/d',
            dir: 1,
            unknown: '550',
            quit: '221',
          })
          expect(it.files.content('text.txt')?.toString()).to.equal('three\nfour\n')
          expect(it.files.names()).to.deep.equal(['old.txt', 'renamed.bin', 'text.txt'])
        })
      }
    })
  }
}

const EVERYTHING = `
import ftplib, io, json, ssl, sys
host, port, transport, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
context = ssl._create_unverified_context()
class Implicit(ftplib.FTP_TLS):
    _sock = None
    @property
    def sock(self):
        return self._sock
    @sock.setter
    def sock(self, value):
        if value is not None and not isinstance(value, ssl.SSLSocket):
            value = self.context.wrap_socket(value)
        self._sock = value
ftp = ftplib.FTP(timeout=10) if transport == 'plain' else (Implicit if transport.startswith('implicit') else ftplib.FTP_TLS)(context=context, timeout=10)
out = {}
out['welcome'] = ftp.connect(host, port)[:3]
ftp.login('anna', 'secret', **({'secure': False} if transport.startswith('implicit') else {}))
if transport != 'plain':
    ftp.prot_p()
ftp.set_pasv(mode == 'passive')
data = bytes(range(256)) * 1171 + b'x' * 224
ftp.storbinary('STOR up.bin', io.BytesIO(data))
back = io.BytesIO()
ftp.retrbinary('RETR up.bin', back.write)
out['binary'] = back.getvalue() == data
ftp.storbinary('STOR hello.txt', io.BytesIO(b'hello, world'))
part = io.BytesIO()
ftp.retrbinary('RETR hello.txt', part.write, rest=7)
out['rest'] = part.getvalue().decode()
ftp.delete('hello.txt')
lines = []
ftp.retrlines('RETR old.txt', lines.append)
out['lines'] = lines
ftp.storlines('STOR text.txt', io.BytesIO(b'three\\nfour\\n'))
ftp.voidcmd('TYPE I')
out['size'] = ftp.size('up.bin')
ftp.mkd('d')
out['nlst'] = sorted(ftp.nlst())
out['mlsd'] = {name: facts['type'] for name, facts in ftp.mlsd() if facts['type'] in ('file', 'dir')}
ftp.cwd('d')
out['pwd'] = ftp.pwd()
ftp.cwd('..')
ftp.rmd('d')
ftp.rename('up.bin', 'renamed.bin')
listing = []
ftp.dir('old.txt', listing.append)
out['dir'] = len(listing)
try:
    ftp.size('missing')
except ftplib.error_perm as error:
    out['unknown'] = str(error)[:3]
out['quit'] = ftp.quit()[:3]
print(json.dumps(out))
`
