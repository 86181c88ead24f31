package dev.veneer.api.testkit;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real etcd and a real kube-apiserver on free ports of the loopback, with our CRDs. There is no controller manager: nothing
 * collects garbage, namespaces do not end, service accounts are the tests' to make.
 *
 * <p>Closing ends both and removes their files.
 */
public final class ControlPlane implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ADMIN = "admin";

    private final Path directory;
    private final int etcdPort = freePort();
    private final int etcdPeerPort = freePort();
    private final int port = freePort();
    private final String adminToken = UUID.randomUUID().toString();
    private final boolean audited;
    private @Nullable TestProcess etcd;
    private @Nullable TestProcess server;
    private @Nullable KubernetesClient client;

    private ControlPlane(boolean audited) {
        this.audited = audited;
        try {
            directory = Files.createTempDirectory("veneer-it-kube-").toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts one, and applies our CRDs. */
    public static ControlPlane start() {
        return start(new ControlPlane(false));
    }

    /** Starts one that writes down who asked what of it, to be read as {@link #audit}. */
    public static ControlPlane startAudited() {
        return start(new ControlPlane(true));
    }

    private static ControlPlane start(ControlPlane plane) {
        try {
            plane.prepare();
            plane.startEtcd();
            plane.startServer();
            plane.applyCrds();
            return plane;
        } catch (RuntimeException | AssertionError | IOException e) {
            plane.close();
            throw e instanceof IOException io ? new UncheckedIOException(io) : rethrow(e);
        }
    }

    private static RuntimeException rethrow(Throwable e) {
        if (e instanceof AssertionError wrong) {
            throw wrong;
        }
        return (RuntimeException) e;
    }

    private void prepare() throws IOException {
        Files.writeString(directory.resolve("tokens.csv"), adminToken + "," + ADMIN + ",1,\"system:masters\"\n");
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            KeyPair keys = generator.generateKeyPair();
            pem("sa.key", "PRIVATE KEY", keys.getPrivate().getEncoded());
            pem("sa.pub", "PUBLIC KEY", keys.getPublic().getEncoded());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has RSA", e);
        }
    }

    private void pem(String file, String type, byte[] content) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        Files.writeString(
                directory.resolve(file), "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n");
    }

    private void startEtcd() {
        String url = "http://127.0.0.1:" + etcdPort;
        String peer = "http://127.0.0.1:" + etcdPeerPort;
        etcd = TestProcess.start(
                directory.resolve("etcd.log"),
                List.of(
                        KubernetesParts.program("etcd").toString(),
                        "--data-dir=" + directory.resolve("etcd"),
                        "--unsafe-no-fsync",
                        "--listen-client-urls=" + url,
                        "--advertise-client-urls=" + url,
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=default=" + peer));
    }

    /** Starts the API server (again), on the same port, and waits until it is ready. */
    public void startServer() {
        List<String> command = new ArrayList<>(List.of(
                // Looking for garbage less often takes a sixth of its processor time away, as long as there is memory.
                "env",
                "GOGC=300",
                "GOMEMLIMIT=500MiB",
                KubernetesParts.program("kube-apiserver").toString(),
                "--etcd-servers=http://127.0.0.1:" + etcdPort,
                "--bind-address=127.0.0.1",
                "--secure-port=" + port,
                "--endpoint-reconciler-type=none",
                "--cert-dir=" + directory.resolve("certs"),
                "--token-auth-file=" + directory.resolve("tokens.csv"),
                "--service-account-key-file=" + directory.resolve("sa.pub"),
                "--service-account-signing-key-file=" + directory.resolve("sa.key"),
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-cluster-ip-range=10.96.0.0/16",
                "--authorization-mode=Node,RBAC",
                "--allow-privileged",
                "--profiling=false"));
        if (audited) {
            command.addAll(audit().options());
        }
        server = TestProcess.start(directory.resolve("apiserver.log"), command);
        waitFor("the API server", this::isReady);
    }

    /** What was asked of the API server; of one that was started to write it down. */
    public AuditLog audit() {
        return new AuditLog(directory);
    }

    private boolean isReady() {
        TestProcess running = server;
        TestProcess store = etcd;
        if (running == null || store == null) {
            throw new AssertionError("the API server was not started");
        }
        if (!store.isAlive()) {
            throw new AssertionError("etcd has ended:\n" + store.lastWords());
        }
        if (!running.isAlive()) {
            throw new AssertionError("kube-apiserver has ended:\n" + running.lastWords());
        }
        if (!Files.exists(certificate())) {
            return false;
        }
        try {
            // Before its bootstrap roles are there a server refuses nearly everything.
            return "ok".equals(client().raw("/readyz"))
                    && client().namespaces().withName("kube-system").get() != null;
        } catch (KubernetesClientException e) {
            return false;
        }
    }

    /** Kills the API server as a power cut would; etcd stays. */
    public void killServer() {
        TestProcess running = server;
        if (running != null) {
            running.close();
        }
    }

    /** Stops everything, has something done to etcd's data, and starts again. */
    private void stopped(Runnable act) {
        killServer();
        TestProcess store = etcd;
        if (store != null) {
            store.close();
        }
        act.run();
        startEtcd();
        startServer();
    }

    /** Kills both as a power cut would, and starts them again. */
    public void restart() {
        stopped(() -> {});
    }

    /** Puts a copy of all that etcd holds away, for {@link #restore}. */
    public void backUp() {
        stopped(() -> copy("etcd", "backup"));
    }

    /** Goes back to what was put away. */
    public void restore() {
        stopped(() -> {
            remove(directory.resolve("etcd"));
            copy("backup", "etcd");
        });
    }

    private void copy(String from, String to) {
        Path source = directory.resolve(from);
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(
                        file,
                        directory.resolve(to).resolve(source.relativize(file).toString()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(Path top) {
        try (Stream<Path> files = Files.walk(top)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void applyCrds() {
        for (HasMetadata crd : crds()) {
            client().resource(crd)
                    .patch(new PatchContext.Builder()
                            .withPatchType(PatchType.SERVER_SIDE_APPLY)
                            .withFieldManager("tests")
                            .withForce(true)
                            .build());
        }
        waitFor("the CRDs", () -> crds().stream().allMatch(this::isEstablished));
    }

    /** Applies our CRDs, when a test has deleted them. */
    public void restoreCrds() {
        applyCrds();
    }

    private boolean isEstablished(CustomResourceDefinition crd) {
        CustomResourceDefinition there = client().resource(crd).get();
        return there != null
                && there.getStatus() != null
                && there.getStatus().getConditions() != null
                && there.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Established")
                                && condition.getStatus().equals("True"));
    }

    /** Our CRDs, as the repository has them. */
    public static List<CustomResourceDefinition> crds() {
        try (Stream<Path> files = Files.list(KubernetesParts.repository().resolve("crds"))) {
            return files.filter(file -> file.getFileName().toString().matches("veneer[.]dev_.*[.]yaml"))
                    .sorted()
                    .map(ControlPlane::crd)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CustomResourceDefinition crd(Path file) {
        try {
            return Serialization.unmarshal(Files.readString(file), CustomResourceDefinition.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A client that may do everything. */
    public KubernetesClient client() {
        KubernetesClient known = client;
        if (known == null) {
            known = new KubernetesClientBuilder()
                    .withConfig(new ConfigBuilder(Config.fromKubeconfig(kubeconfig()))
                            .withRequestTimeout((int) PATIENCE.toMillis())
                            .build())
                    .build();
            client = known;
        }
        return known;
    }

    /** A kubeconfig that may do everything. */
    public String kubeconfig() {
        return kubeconfig(adminToken);
    }

    /** A kubeconfig for whoever has a token. */
    public String kubeconfig(String token) {
        String authority;
        try {
            authority = Base64.getEncoder().encodeToString(Files.readAllBytes(certificate()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return """
                apiVersion: v1
                kind: Config
                clusters:
                - name: tests
                  cluster: {server: "https://127.0.0.1:%d", certificate-authority-data: "%s"}
                users:
                - name: tests
                  user: {token: "%s"}
                contexts:
                - name: tests
                  context: {cluster: tests, user: tests, namespace: default}
                current-context: tests
                """
                .formatted(port, authority, token);
    }

    /** Writes a kubeconfig to a file of its own, which goes with the rest. */
    public Path kubeconfigFile(String token) {
        try {
            Path file = Files.createTempFile(
                    directory,
                    "kubeconfig-",
                    ".yaml",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return Files.writeString(file, kubeconfig(token));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The token of the administrator. */
    public String adminToken() {
        return adminToken;
    }

    /** Makes namespaces, service accounts, pods and tokens. */
    public Identities identities() {
        return new Identities(client());
    }

    private Path certificate() {
        return directory.resolve("certs/apiserver.crt");
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void waitFor(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError(what + " is not ready after " + PATIENCE.toSeconds() + " s");
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
    }

    @Override
    public void close() {
        KubernetesClient open = client;
        if (open != null) {
            open.close();
        }
        killServer();
        TestProcess store = etcd;
        if (store != null) {
            store.close();
        }
        remove(directory);
    }
}
