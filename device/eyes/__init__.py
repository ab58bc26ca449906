"""The process that sees and forgets; it holds nothing of anybody after a window.

ports          what a camera and a face reader promise
networks       the model cache: where the sources lie, check, build
graphs         draws the two networks as ONNX (only while building)
weights        reads dlib's files (only while building)
onnx_reader    the engine `onnx`, the default
stock_reader   the engine `stock`, for comparison and by explicit choice
quality        frame and boxes → one hint
track          is this still the same face?
codes          QR codes; no face code
cameras        attached, video file, folder of pictures
portraits      the demo's simulated camera
window         one camera window, from Look to WindowClosed
process        the loop around windows: ready, look, forget

What never happens in this folder: a network connection, a file opened for writing (but the cache's, by `networks.build`,
in the supervisor), a template, a lock.
"""
