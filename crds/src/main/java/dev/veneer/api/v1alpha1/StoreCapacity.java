package dev.veneer.api.v1alpha1;

import io.fabric8.generator.annotation.Min;

/**
 * The size of the file system that a store lies on.
 *
 * @param bytes all bytes
 * @param freeBytes bytes that are free to root
 * @param inodes all inodes; 0 where the file system makes them on demand
 * @param freeInodes inodes that are free
 */
public record StoreCapacity(@Min(0) long bytes, @Min(0) long freeBytes, @Min(0) long inodes, @Min(0) long freeInodes) {}
