package dev.veneer.node.model;

/** {@code BaseImage.spec.source}: where a base image's content comes from. */
public sealed interface ImageSource {
    /** For people: where it is. */
    String describe();

    /** A tar archive, plain or compressed. */
    record Archive(ArchiveRef archive) implements ImageSource {
        @Override
        public String describe() {
            return archive.url();
        }
    }

    /**
     * An OCI image layout on the node itself.
     *
     * @param path the layout's directory, or a tar of it
     * @param reference the tag or digest in its index; empty when it holds one image only
     */
    record OciLayout(String path, String reference) implements ImageSource {
        @Override
        public String describe() {
            return "oci:" + path + (reference.isEmpty() ? "" : ":" + reference);
        }
    }

    /** A sliver of the same node, as it is. */
    record Sliver(SliverId id) implements ImageSource {
        @Override
        public String describe() {
            return "sliver " + id;
        }
    }

    /** A directory tree on the node itself. */
    record Directory(String path) implements ImageSource {
        @Override
        public String describe() {
            return path;
        }
    }
}
