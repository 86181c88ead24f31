@NullMarked
package dev.veneer.node.image.export;

import org.jspecify.annotations.NullMarked;
