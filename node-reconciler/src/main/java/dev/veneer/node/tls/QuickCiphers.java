package dev.veneer.node.tls;

import java.util.Arrays;
import java.util.Comparator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * Connections that are encrypted by ChaCha20 where the other side has it too. The processor's instructions for AES are known to
 * the JVM's second compiler alone, which the launcher leaves out (docs/decisions/0003-command-start.md): without them AES-GCM
 * runs at 13 MB/s, and was a fifth of the processor time of an agent in a cluster; ChaCha20 at 80.
 */
public final class QuickCiphers {
    private static final Comparator<String> CHACHA_FIRST =
            Comparator.comparing((String suite) -> !suite.contains("CHACHA20"));

    private QuickCiphers() {}

    /** The parameters that clients of a context have, with the quick suites first. */
    public static SSLParameters of(SSLContext context) {
        SSLParameters parameters = context.getDefaultSSLParameters();
        parameters.setCipherSuites(inOrder(parameters.getCipherSuites()));
        return parameters;
    }

    /** The same suites; those with ChaCha20 come first, and else the order stays. */
    static String[] inOrder(String... suites) {
        return Arrays.stream(suites).sorted(CHACHA_FIRST).toArray(String[]::new);
    }
}
