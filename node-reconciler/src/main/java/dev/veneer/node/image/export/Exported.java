package dev.veneer.node.image.export;

/**
 * An export that was published.
 *
 * @param digest of the image's manifest, or of the layer
 * @param bytes of all files written
 * @param paths entries of all layers, marks of what is gone included
 * @param sockets sockets that were left out, since no archive holds them
 */
public record Exported(String digest, long bytes, long paths, long sockets) {}
