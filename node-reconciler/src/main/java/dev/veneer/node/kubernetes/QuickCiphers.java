package dev.veneer.node.kubernetes;

import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.net.http.HttpClient;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * Connections that are encrypted by ChaCha20 where the server has it too. The processor's instructions for AES are known to the
 * JVM's second compiler alone, which the launcher leaves out (docs/decisions/0003-command-start.md): without them AES-GCM runs at
 * 13 MB/s, and was a fifth of the processor time of an agent in a cluster; ChaCha20 at 80.
 */
final class QuickCiphers extends JdkHttpClientFactory {
    private static final Comparator<String> CHACHA_FIRST =
            Comparator.comparing((String suite) -> !suite.contains("CHACHA20"));

    @Override
    protected void additionalConfig(HttpClient.Builder builder) {
        try {
            SSLParameters parameters = SSLContext.getDefault().getDefaultSSLParameters();
            parameters.setCipherSuites(inOrder(parameters.getCipherSuites()));
            builder.sslParameters(parameters);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has a default for TLS", e);
        }
    }

    /** The same suites; those with ChaCha20 come first, and else the order stays. */
    static String[] inOrder(String... suites) {
        return Arrays.stream(suites).sorted(CHACHA_FIRST).toArray(String[]::new);
    }
}
