package dev.veneer.api.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the programs of a real Kubernetes are: built by {@code hack/kube/build.sh} when they are not there yet. */
public final class KubernetesParts {
    private KubernetesParts() {}

    /** The directory of this repository. */
    public static Path repository() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.exists(at.resolve("hack/kube/build.sh"))) {
                return at;
            }
        }
        throw new AssertionError("no directory above has hack/kube/build.sh");
    }

    /** The path of one program. */
    public static Path program(String name) {
        String assets = System.getenv("KUBEBUILDER_ASSETS");
        if (assets != null && Files.isExecutable(Path.of(assets, name))) {
            return Path.of(assets, name);
        }
        return Path.of(build(name)).resolve(name);
    }

    private static String build(String name) {
        List<String> command = new ArrayList<>(
                List.of(repository().resolve("hack/kube/build.sh").toString(), name));
        try {
            Path told = Files.createTempFile("veneer-kube-build", ".log");
            Process process =
                    new ProcessBuilder(command).redirectError(told.toFile()).start();
            process.getOutputStream().close();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            String words = Files.readString(told);
            Files.delete(told);
            if (status != 0) {
                throw new AssertionError(command + " ended with " + status + ":\n" + words);
            }
            return printed.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
