package dev.veneer.node.image.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.tree.rewrite.ChangeReader;
import java.nio.charset.StandardCharsets;

/**
 * Writes a sliver's changes as a layer, or its base and its changes as an image of two layers. The same sliver gives
 * the same bytes: nothing in them tells when or where they were written.
 */
public final class Exporter {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
    private static final String INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
    private static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
    private static final String BASE_DIGEST = "dev.veneer.base.digest";
    private static final String SLIVER = "dev.veneer.sliver";

    private final LinuxCalls calls;

    public Exporter(LinuxCalls calls) {
        this.calls = calls;
    }

    /** Makes sure, when all was read, that it was one state; throws when it was not. */
    public interface Check {
        void run() throws LinuxException, NodeException;
    }

    /**
     * Exports.
     *
     * @param source what is read
     * @param wholeImage whether the base comes as a layer below
     * @param target absolute path of a directory that is empty or not there
     * @param check called when all was read and before anything is published
     * @throws NodeException {@code ContentRefused} for what a layer cannot hold, with the path; {@code ForeignObject}
     *     when the target is not free; what {@code check} throws
     */
    public Exported run(ExportSource source, boolean wholeImage, String target, ExportListener listener, Check check)
            throws LinuxException, NodeException {
        try (Publication publication = Publication.begin(calls, target)) {
            Exported exported = wholeImage
                    ? image(source, publication, listener, check)
                    : layer(source, publication, listener, check);
            publication.publish();
            return exported;
        }
    }

    private LayerFile changes(ExportSource source, int directory, byte[] name, int scratch, ExportListener listener)
            throws LinuxException, NodeException {
        return LayerFile.write(calls, directory, name, source.records(), listener, layer -> new ChangeReader(
                        calls, source.records(), scratch)
                .read(source.change(), source.tree(), source.upper(), true, layer));
    }

    private Exported layer(ExportSource source, Publication publication, ExportListener listener, Check check)
            throws LinuxException, NodeException {
        int directory = publication.directory();
        LayerFile layer = changes(source, directory, PathBytes.of("layer.tar.gz"), directory, listener);
        check.run();
        ObjectNode descriptor = descriptor(LayerFile.MEDIA_TYPE, layer.digest(), layer.size());
        ObjectNode annotations = descriptor.putObject("annotations");
        annotations.put("dev.veneer.layer.diffid", layer.diffId());
        annotations.put(BASE_DIGEST, source.baseDigest());
        annotations.put(SLIVER, source.sliver());
        long size = file(directory, "descriptor.json", descriptor);
        return new Exported(layer.digest(), layer.size() + size, layer.paths(), layer.sockets());
    }

    private Exported image(ExportSource source, Publication publication, ExportListener listener, Check check)
            throws LinuxException, NodeException {
        int directory = publication.directory();
        try (Fd blobs = publication.subdirectory(directory, "blobs");
                Fd sha256 = publication.subdirectory(blobs.number(), "sha256")) {
            byte[] below = PathBytes.of(".base");
            byte[] above = PathBytes.of(".changes");
            // What cannot be expressed is mostly among the changes, which are fewer: it is found at once.
            LayerFile changes = changes(source, sha256.number(), above, directory, listener);
            LayerFile base = LayerFile.write(
                    calls,
                    sha256.number(),
                    below,
                    source.records(),
                    listener,
                    layer -> layer.tree(source.base(), directory));
            check.run();
            rename(sha256, above, changes);
            rename(sha256, below, base);
            long bytes = base.size() + (changes.digest().equals(base.digest()) ? 0 : changes.size());
            byte[] config = bytes(config(source, base, changes));
            ObjectNode manifest = JSON.createObjectNode();
            manifest.put("schemaVersion", 2).put("mediaType", MANIFEST_TYPE);
            manifest.set("config", blob(sha256, CONFIG_TYPE, config));
            ArrayNode layers = manifest.putArray("layers");
            layers.add(descriptor(LayerFile.MEDIA_TYPE, base.digest(), base.size()));
            layers.add(descriptor(LayerFile.MEDIA_TYPE, changes.digest(), changes.size()));
            manifest.putObject("annotations")
                    .put(BASE_DIGEST, source.baseDigest())
                    .put(SLIVER, source.sliver());
            byte[] text = bytes(manifest);
            ObjectNode described = blob(sha256, MANIFEST_TYPE, text);
            bytes += config.length + text.length;
            calls.fsync(sha256.number());
            calls.fsync(blobs.number());
            described.putObject("annotations").put("org.opencontainers.image.ref.name", source.reference());
            ObjectNode index = JSON.createObjectNode();
            index.put("schemaVersion", 2).put("mediaType", INDEX_TYPE);
            index.putArray("manifests").add(described);
            bytes += file(directory, "index.json", index);
            bytes += file(directory, "oci-layout", JSON.createObjectNode().put("imageLayoutVersion", "1.0.0"));
            return new Exported(
                    described.path("digest").asText(),
                    bytes,
                    base.paths() + changes.paths(),
                    base.sockets() + changes.sockets());
        }
    }

    private void rename(Fd directory, byte[] from, LayerFile layer) throws LinuxException {
        calls.renameat2(directory.number(), from, directory.number(), hex(layer.digest()), 0);
    }

    private static byte[] hex(String digest) {
        return PathBytes.of(digest.substring("sha256:".length()));
    }

    private static ObjectNode config(ExportSource source, LayerFile base, LayerFile changes) {
        ObjectNode config = JSON.createObjectNode();
        config.put("architecture", "aarch64".equals(System.getProperty("os.arch")) ? "arm64" : "amd64");
        config.put("os", "linux");
        config.putObject("config");
        ObjectNode rootfs = config.putObject("rootfs");
        rootfs.put("type", "layers");
        rootfs.putArray("diff_ids").add(base.diffId()).add(changes.diffId());
        ArrayNode history = config.putArray("history");
        history.addObject().put("created_by", "veneer: base " + source.baseDigest());
        history.addObject().put("created_by", "veneer: sliver " + source.sliver());
        return config;
    }

    private static ObjectNode descriptor(String type, String digest, long size) {
        return JSON.createObjectNode()
                .put("mediaType", type)
                .put("digest", digest)
                .put("size", size);
    }

    private ObjectNode blob(Fd sha256, String type, byte[] content) throws LinuxException {
        byte[] name = PathBytes.of(".blob");
        String digest = write(sha256.number(), name, content);
        calls.renameat2(sha256.number(), name, sha256.number(), hex(digest), 0);
        return descriptor(type, digest, content.length);
    }

    private long file(int directory, String name, ObjectNode content) throws LinuxException {
        byte[] text = bytes(content);
        write(directory, PathBytes.of(name), text);
        return text.length;
    }

    private String write(int directory, byte[] name, byte[] content) throws LinuxException {
        try (Blob blob = Blob.create(calls, directory, name)) {
            blob.write(content, 0, content.length);
            blob.finish();
            return blob.digest();
        }
    }

    private static byte[] bytes(ObjectNode node) {
        try {
            return JSON.writeValueAsString(node).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON that cannot be written", e);
        }
    }
}
