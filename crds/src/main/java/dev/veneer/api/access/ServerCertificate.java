package dev.veneer.api.access;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that a server shows, from two files. At each connection it is seen whether they were replaced, as
 * cert-manager and the kubelet do; while what has come does not fit together, the one before stays in force.
 */
public final class ServerCertificate {
    /** The option by which the programs are told of the certificate. */
    public static final String CERTIFICATE_OPTION = "--metrics-tls-cert";

    /** What their usage says of it. */
    public static final String CERTIFICATE_HELP =
            "Serve them over HTTPS with the certificate in this file (PEM, with those it was signed with after it);"
                    + " read anew when it changes (default: plain HTTP).";

    /** The option by which the programs are told of its key. */
    public static final String KEY_OPTION = "--metrics-tls-key";

    /** What their usage says of it. */
    public static final String KEY_HELP = "The key of that certificate (PEM, not encrypted: RSA, EC or Ed25519).";

    /** What is wrong where one of them is given alone. */
    public static final String TOGETHER =
            CERTIFICATE_OPTION + " and " + KEY_OPTION + " go together, and are for --metrics-address";

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    private static final char[] NO_PASSWORD = {};

    private final Path certificate;
    private final Path key;
    private final Consumer<String> warnings;
    private Loaded current;
    private Loaded before;
    private String warned = "";

    /**
     * What was read.
     *
     * @param name another one for each that was read, so that who has begun with one ends with it
     * @param files what the files looked like
     * @param manager what the library makes of it
     */
    private record Loaded(String name, String files, X509ExtendedKeyManager manager) {}

    /**
     * Reads both.
     *
     * @param certificate the file of the certificate
     * @param key the file of its key
     * @param warnings told once why one that has come later cannot be used
     * @throws IOException what is wrong with them, for a person
     */
    public ServerCertificate(Path certificate, Path key, Consumer<String> warnings) throws IOException {
        this.certificate = certificate;
        this.key = key;
        this.warnings = warnings;
        current = load("1");
        before = current;
    }

    /**
     * Takes the address, and waits to be started.
     *
     * @param address where; port 0 takes a free one
     * @param shown what it shows; null for plain HTTP
     */
    public static HttpServer serverAt(InetSocketAddress address, @Nullable ServerCertificate shown) throws IOException {
        if (shown == null) {
            return HttpServer.create(address, 0);
        }
        HttpsServer server = HttpsServer.create(address, 0);
        server.setHttpsConfigurator(new HttpsConfigurator(shown.context()) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters all = getSSLContext().getDefaultSSLParameters();
                all.setProtocols(PROTOCOLS);
                parameters.setSSLParameters(all);
            }
        });
        return server;
    }

    /** One for as long as the server is there: it asks for that only once. */
    private SSLContext context() throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new Current()}, null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("this Java has no TLS: " + e.getMessage(), e);
        }
    }

    private Loaded load(String name) throws IOException {
        String files = look();
        CertifiedKey read = CertifiedKey.read(certificate, key);
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(name, read.key(), NO_PASSWORD, read.chain().toArray(X509Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
            factory.init(store, NO_PASSWORD);
            return new Loaded(name, files, (X509ExtendedKeyManager) factory.getKeyManagers()[0]);
        } catch (GeneralSecurityException e) {
            throw new IOException(certificate + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** Another one when one of the files is another, or was written. */
    private String look() throws IOException {
        StringBuilder all = new StringBuilder();
        for (Path file : new Path[] {certificate, key}) {
            BasicFileAttributes is;
            try {
                is = Files.readAttributes(file, BasicFileAttributes.class);
            } catch (IOException e) {
                throw CertifiedKey.unreadable(file, e);
            }
            all.append(is.fileKey())
                    .append(is.lastModifiedTime())
                    .append(is.size())
                    .append(' ');
        }
        return all.toString();
    }

    private synchronized Loaded current() {
        try {
            if (!warned.isEmpty() || !look().equals(current.files())) {
                Loaded fresh = load(Integer.toString(Integer.parseInt(current.name()) + 1));
                before = current;
                current = fresh;
                warned = "";
            }
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.toString() : e.getMessage();
            if (!why.equals(warned)) {
                warned = why;
                warnings.accept("the certificate for metrics that was there before stays in force: " + why);
            }
        }
        return current;
    }

    private synchronized X509ExtendedKeyManager named(String name) {
        return (name.equals(before.name()) ? before : current).manager();
    }

    /** Shows whichever is in force when a connection begins. */
    private final class Current extends X509ExtendedKeyManager {
        @Override
        public @Nullable String chooseEngineServerAlias(
                String kind, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return current().manager().chooseEngineServerAlias(kind, issuers, engine);
        }

        @Override
        public X509Certificate @Nullable [] getCertificateChain(String name) {
            return named(name).getCertificateChain(name);
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(String name) {
            return named(name).getPrivateKey(name);
        }

        // The server asks for none of these.

        @Override
        public @Nullable String chooseServerAlias(
                String kind, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }

        @Override
        public String @Nullable [] getServerAliases(String kind, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public String @Nullable [] getClientAliases(String kind, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] kinds, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }
    }
}
