package dev.veneer.node.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Writes OCI image layouts. */
final class LayoutBuilder {
    private final Path directory;
    private final List<String> manifests = new ArrayList<>();

    LayoutBuilder(Path directory) throws IOException {
        this.directory = directory;
        Files.createDirectories(directory.resolve("blobs/sha256"));
        Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    }

    static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    Path blob(byte[] content) {
        return directory.resolve("blobs/sha256").resolve(sha256(content));
    }

    /** Adds a blob and returns its descriptor without the closing brace. */
    String descriptor(String type, byte[] content) {
        try {
            Files.write(blob(content), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return String.format(
                "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":%d", type, sha256(content), content.length);
    }

    /** Adds an image of these layers, lowest first, under a name. */
    LayoutBuilder image(String name, byte[]... layers) {
        List<String> descriptors = new ArrayList<>();
        for (byte[] layer : layers) {
            descriptors.add(descriptor("application/vnd.oci.image.layer.v1.tar", layer) + "}");
        }
        return manifest(name, "{\"schemaVersion\":2,\"layers\":[" + String.join(",", descriptors) + "]}");
    }

    LayoutBuilder manifest(String name, String json) {
        String annotated =
                descriptor("application/vnd.oci.image.manifest.v1+json", json.getBytes(StandardCharsets.UTF_8))
                        + ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" + name + "\"}}";
        manifests.add(annotated);
        return this;
    }

    Path write() throws IOException {
        Files.writeString(
                directory.resolve("index.json"),
                "{\"schemaVersion\":2,\"manifests\":[" + String.join(",", manifests) + "]}");
        return directory;
    }
}
