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

  /** Takes this node's address out; called when it leaves in good order. */
  void clear() throws IOException;
}
