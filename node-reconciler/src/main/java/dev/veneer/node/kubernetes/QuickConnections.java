package dev.veneer.node.kubernetes;

import dev.veneer.node.tls.QuickCiphers;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.net.http.HttpClient;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;

/** Connections to the API server, with {@link QuickCiphers}. */
final class QuickConnections extends JdkHttpClientFactory {
    @Override
    protected void additionalConfig(HttpClient.Builder builder) {
        try {
            builder.sslParameters(QuickCiphers.of(SSLContext.getDefault()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has a default for TLS", e);
        }
    }
}
