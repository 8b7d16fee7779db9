"""Models that are asked: endpoints that embed texts or rank hits, and cross-encoders in a folder.

    import pampax
    from pampax.remote import RemoteEmbedder, RemoteReranker

    embedder = RemoteEmbedder("http://localhost:8080/v1", model="nomic-embed-text")
    repository = pampax.open(".", remote_embedder=embedder)

Nothing here is loaded, and nothing is sent anywhere, unless one of these is asked for. What it needs beyond pampax is
installed by `pip install 'pampax[remote]'` for endpoints and `pip install 'pampax[rerank]'` for models in a folder.
"""

from pampax.remote.cross_encoder import OnnxReranker
from pampax.remote.embedder import RemoteEmbedder
from pampax.remote.reranker import RemoteReranker

__all__ = ["OnnxReranker", "RemoteEmbedder", "RemoteReranker"]
