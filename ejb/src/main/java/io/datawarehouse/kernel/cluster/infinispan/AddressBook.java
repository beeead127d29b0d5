package io.datawarehouse.kernel.cluster.infinispan;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Where nodes leave their addresses for each other. Thread-safe; may block for a while. An address
 * in it may be of a node that is long gone: whoever reads asks there and sees.
 */
interface AddressBook {

  /** Writes where this node is, in place of what it wrote before. */
  void write(InetSocketAddress own) throws IOException;

  /** Returns all addresses in it, this node's too. */
  List<InetSocketAddress> read() throws IOException;

  /**
   * Returns whether the last reading is sure to have had everybody who was there: a node that finds
   * nobody else then need not wait for answers.
   */
  boolean complete();

  /**
   * Takes an address out that nobody answers at; whoever is there after all writes it again.
   *
   * @return whether it was in it and could be taken out: not where others write it
   */
  boolean remove(InetSocketAddress place) throws IOException;

  /**
   * Takes this node's address out and lets go of what it used; called when the node leaves in good
   * order, and not only then where it is not known whether it wrote anything.
   */
  void clear() throws IOException;
}
