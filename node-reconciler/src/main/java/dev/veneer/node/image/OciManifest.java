package dev.veneer.node.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Sha256;
import dev.veneer.node.tree.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/** Finds the layers of an image in an OCI image layout: index, manifest, digests checked. */
final class OciManifest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final int MAX_JSON = 4 << 20;
    private static final int MAX_NESTING = 4;
    private static final int MAX_LAYERS = 1000;
    private static final String NAME = "org.opencontainers.image.ref.name";

    private final OciBlobs blobs;

    OciManifest(OciBlobs blobs) {
        this.blobs = blobs;
    }

    /** A blob as a descriptor names it. */
    record Descriptor(String mediaType, String digest, long size) {
        /** Its file in the layout. */
        String file() {
            return "blobs/" + digest.replace(':', '/');
        }
    }

    /**
     * The layers, lowest first.
     *
     * @param reference a name or digest in the index; empty for the only image
     */
    List<Descriptor> layers(String reference) throws NodeException {
        JsonNode index = parse("index.json", read("index.json", MAX_JSON));
        JsonNode chosen = choose(index, reference);
        for (int nesting = 0; nesting < MAX_NESTING; nesting++) {
            Descriptor descriptor = descriptor(chosen);
            JsonNode node = parse(descriptor.digest(), verified(descriptor));
            if (node.path("layers").isArray()) {
                return layers(node);
            }
            if (!node.path("manifests").isArray()) {
                throw Refusals.content(descriptor.digest() + " in the image layout is neither a manifest nor an index");
            }
            chosen = forThisMachine(node);
        }
        throw Refusals.content("the image layout's index is nested deeper than " + MAX_NESTING);
    }

    private static List<Descriptor> layers(JsonNode manifest) throws NodeException {
        List<Descriptor> layers = new ArrayList<>();
        for (JsonNode layer : manifest.path("layers")) {
            Descriptor descriptor = descriptor(layer);
            String type = descriptor.mediaType();
            boolean tar = type.contains(".layer.") || type.contains(".rootfs.") || type.endsWith(".tar");
            if (!tar || type.endsWith("+encrypted")) {
                throw Refusals.content("a layer of the image is of the type " + Bytes.utf8(type) + ", not a tar");
            }
            layers.add(descriptor);
        }
        if (layers.size() > MAX_LAYERS) {
            throw Refusals.content("the image has more than " + MAX_LAYERS + " layers");
        }
        return layers;
    }

    private static JsonNode choose(JsonNode index, String reference) throws NodeException {
        List<JsonNode> matching = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (JsonNode manifest : index.path("manifests")) {
            String name = manifest.path("annotations").path(NAME).asText("");
            String digest = manifest.path("digest").asText("");
            names.add(name.isEmpty() ? digest : name);
            if (reference.isEmpty() || reference.equals(name) || reference.equals(digest)) {
                matching.add(manifest);
            }
        }
        if (matching.size() == 1) {
            return matching.get(0);
        }
        String there = Bytes.utf8(String.join(", ", names)).toString();
        if (matching.isEmpty()) {
            throw new NodeException(
                    Reason.FetchFailed,
                    Follow.RETRY,
                    "the image layout has no image '" + reference + "'; it has: " + there);
        }
        if (reference.isEmpty() && matching.stream().allMatch(m -> m.has("platform"))) {
            return forThisMachine(index);
        }
        throw new NodeException(
                Reason.InvalidSpec,
                Follow.STALLED,
                "the image layout has several images: name one in reference; it has: " + there);
    }

    private static JsonNode forThisMachine(JsonNode index) throws NodeException {
        String machine = "aarch64".equals(System.getProperty("os.arch")) ? "arm64" : "amd64";
        JsonNode only = null;
        int count = 0;
        for (JsonNode manifest : index.path("manifests")) {
            JsonNode platform = manifest.path("platform");
            boolean linux = platform.path("os").asText("").equals("linux");
            if (linux && platform.path("architecture").asText("").equals(machine)) {
                return manifest;
            }
            only = manifest;
            count++;
        }
        if (only != null && count == 1 && !only.has("platform")) {
            return only;
        }
        throw Refusals.content("the image layout has no image for linux/" + machine);
    }

    private static Descriptor descriptor(JsonNode node) throws NodeException {
        String digest = node.path("digest").asText("");
        long size = node.path("size").asLong(-1);
        if (!DIGEST.matcher(digest).matches() || size < 0) {
            throw Refusals.content(
                    "the image layout names a blob without a sha256 digest and size: '" + Bytes.utf8(digest) + "'");
        }
        return new Descriptor(node.path("mediaType").asText(""), digest, size);
    }

    private byte[] verified(Descriptor descriptor) throws NodeException {
        byte[] content = read(descriptor.file(), (int) Math.min(descriptor.size(), MAX_JSON));
        String found = "sha256:" + Bytes.wrap(Sha256.of(content)).hex();
        if (!found.equals(descriptor.digest())) {
            throw new NodeException(
                    Reason.DigestMismatch,
                    Follow.STALLED,
                    descriptor.file() + " in the image layout has the digest " + found + ": copy the image again");
        }
        return content;
    }

    private byte[] read(String name, int max) throws NodeException {
        try (FileStream in = blobs.open(name, new AtomicLong())) {
            if (in.remaining() > max) {
                throw Refusals.content(
                        name + " in the image layout has " + in.remaining() + " bytes instead of " + max);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw ReadAhead.explain(e);
        }
    }

    private static JsonNode parse(String name, byte[] content) throws NodeException {
        try {
            JsonNode node = JSON.readTree(content);
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (JsonProcessingException e) {
            throw Refusals.content(name + " in the image layout is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw Refusals.content(name + " in the image layout is not JSON", e);
        }
        throw Refusals.content(name + " in the image layout is not a JSON object");
    }
}
