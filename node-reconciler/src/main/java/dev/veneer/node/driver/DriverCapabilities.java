package dev.veneer.node.driver;

/**
 * What a driver can do, as data: the driver matrix in the documentation is generated from it, and the conformance suite
 * tests both sides (declared: works; not declared: fails in the agreed way).
 *
 * @param sharesBaseBytes slivers share the base's blocks on the disk
 * @param sharesPageCache slivers share the base's pages in memory
 * @param idmapped can be mounted for a user namespace with its ids unshifted in the store
 * @param storesWhiteoutDevice a character device 0:0 made in the sliver can be kept
 * @param nestedSubvolumes the sliver's owner may make btrfs subvolumes in it
 * @param hardLinksOfBaseKept hard links among the base's files stay joined when one is written
 * @param parallelCreates how many {@code create} calls at once pay off
 */
public record DriverCapabilities(
        boolean sharesBaseBytes,
        boolean sharesPageCache,
        boolean idmapped,
        boolean storesWhiteoutDevice,
        boolean nestedSubvolumes,
        boolean hardLinksOfBaseKept,
        int parallelCreates) {}
