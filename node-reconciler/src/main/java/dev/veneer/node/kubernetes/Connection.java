package dev.veneer.node.kubernetes;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How the API server is reached: as a kubeconfig says, or as a pod is told by its cluster. */
final class Connection {
    private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    private Connection() {}

    /**
     * A client; nothing is asked yet.
     *
     * @param spans sees each watch begin
     * @param patience how long an answer is waited for
     */
    static KubernetesClient client(@Nullable Path kubeconfig, WatchSpans spans, Duration patience)
            throws NodeException {
        // Of connections that lie idle for long, nobody knows whether they still lead anywhere.
        System.setProperty("jdk.httpclient.keepalive.timeout", "30");
        int millis = (int) patience.toMillis();
        Config found = kubeconfig == null ? ofPod() : ofFile(kubeconfig);
        Config config = new ConfigBuilder(found)
                .withUserAgent("veneer-agent")
                .withConnectionTimeout(millis)
                .withRequestTimeout(millis)
                // What is worth being tried again, is so by whoever asked.
                .withRequestRetryBackoffLimit(0)
                .withWatchReconnectInterval(1000)
                .withWatchReconnectLimit(-1)
                // One connection for all would stay in use, dead, until TCP gives it up after a quarter of an hour; of
                // the older
                // protocol, a request that is not answered takes its own connection with it.
                .withHttp2Disable(true)
                .build();
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new QuickConnections())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("spans", spans))
                .build();
    }

    private static Config ofFile(Path kubeconfig) throws NodeException {
        try {
            Config config = Config.fromKubeconfig(kubeconfig.toFile());
            Path token = tokenFile(kubeconfig);
            return token == null
                    ? config
                    : new ConfigBuilder(config)
                            .withOauthTokenProvider(() -> read(token))
                            .build();
        } catch (KubernetesClientException | IllegalArgumentException | IOException e) {
            throw unusable("the kubeconfig " + kubeconfig + " cannot be read: " + e);
        }
    }

    /** The file of the token that a kubeconfig's user names, which the client's own reader leaves out; null when it names none. */
    private static @Nullable Path tokenFile(Path kubeconfig) throws IOException {
        var file = Serialization.unmarshal(Files.readString(kubeconfig), io.fabric8.kubernetes.api.model.Config.class);
        for (NamedContext context : file.getContexts()) {
            if (!context.getName().equals(file.getCurrentContext())) {
                continue;
            }
            for (NamedAuthInfo user : file.getUsers()) {
                String token = user.getName().equals(context.getContext().getUser()) && user.getUser() != null
                        ? user.getUser().getTokenFile()
                        : null;
                if (token != null && !token.isEmpty()) {
                    return kubeconfig.toAbsolutePath().resolveSibling(token);
                }
            }
        }
        return null;
    }

    private static Config ofPod() throws NodeException {
        String host = System.getenv("KUBERNETES_SERVICE_HOST");
        String port = System.getenv("KUBERNETES_SERVICE_PORT");
        Path token = ACCOUNT.resolve("token");
        if (host == null || port == null || !Files.isReadable(token)) {
            throw unusable("this is no pod of a cluster (no $KUBERNETES_SERVICE_HOST, or no " + token
                    + "): name a cluster with --kubeconfig");
        }
        return new ConfigBuilder(Config.empty())
                .withMasterUrl("https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port)
                .withCaCertFile(ACCOUNT.resolve("ca.crt").toString())
                // Read anew each time, for the kubelet replaces it before it expires.
                .withOauthTokenProvider(() -> read(token))
                .build();
    }

    private static String read(Path token) {
        try {
            return Files.readString(token).strip();
        } catch (IOException e) {
            throw new KubernetesClientException("the token " + token + " cannot be read", e);
        }
    }

    private static NodeException unusable(String message) {
        return new NodeException(Reason.Failed, Follow.STALLED, message);
    }
}
