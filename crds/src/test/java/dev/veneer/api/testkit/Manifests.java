package dev.veneer.api.testkit;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The repository's kustomizations, as {@code kubectl} makes objects of them. */
public final class Manifests {
    private Manifests() {}

    /** The objects of a kustomization, such as {@code manifests/kubernetes}, in the order in which they are applied. */
    public static List<HasMetadata> of(String kustomization) {
        return objects(KubernetesParts.repository().resolve(kustomization));
    }

    /** The objects of a kustomization. */
    public static List<HasMetadata> objects(Path kustomization) {
        List<HasMetadata> objects = new ArrayList<>();
        for (String document : kustomize(kustomization).split("\n---\n", -1)) {
            objects.add((HasMetadata) Serialization.unmarshal(document, KubernetesResource.class));
        }
        return objects;
    }

    /** Applies a kustomization as the administrator does. */
    public static void apply(ControlPlane plane, String kustomization) {
        for (HasMetadata object : of(kustomization)) {
            plane.client()
                    .resource(object)
                    .patch(new PatchContext.Builder()
                            .withPatchType(PatchType.SERVER_SIDE_APPLY)
                            .withFieldManager("tests")
                            .withForce(true)
                            .build());
        }
    }

    private static String kustomize(Path directory) {
        try {
            Path told = Files.createTempFile("veneer-kustomize", ".log");
            Process process = new ProcessBuilder(
                            KubernetesParts.program("kubectl").toString(), "kustomize", directory.toString())
                    .redirectError(told.toFile())
                    .start();
            process.getOutputStream().close();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            String words = Files.readString(told);
            Files.delete(told);
            if (status != 0) {
                throw new AssertionError("kubectl kustomize " + directory + " ended with " + status + ":\n" + words);
            }
            return printed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
